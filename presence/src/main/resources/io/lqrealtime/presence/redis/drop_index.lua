-- Deletes the index of an owner that is gone, once no channel is left in it.
--
-- KEYS[1]   the owner's index: hash, channel -> number of the owner's members; '' -> last stamp
--
-- Returns   1 if there is no index now; 0 if channels are left in it
local channels = redis.call('HLEN', KEYS[1]) - redis.call('HEXISTS', KEYS[1], '')
if channels > 0 then
  return 0
end
redis.call('DEL', KEYS[1])
return 1
