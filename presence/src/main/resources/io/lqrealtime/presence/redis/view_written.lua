-- Notes that a gateway's view was written whole, unless it was lost while it was. After store.lua.
--
-- KEYS[1]   marker: string that a flush removes
-- KEYS[2]   written: hash, gateway -> 'generation epoch' of its last view that was written whole
-- ARGV[1]   gateway
-- ARGV[2]   generation
-- ARGV[3]   the epoch in which the writing began
-- ARGV[4]   a fresh token, which becomes the epoch where there is none
--
-- Returns   1 if it is noted, 0 if the epoch is another one now
local current = epoch(KEYS[1], ARGV[4], server_millis())
if current ~= ARGV[3] then
  return 0
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2] .. ' ' .. current)
return 1
