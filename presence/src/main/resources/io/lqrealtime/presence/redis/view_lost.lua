-- Takes back that a gateway's view was written whole: its entries are about to be removed.
--
-- KEYS[1]   written: hash, gateway -> 'generation epoch' of its last view that was written whole
-- ARGV[1]   gateway
-- ARGV[2]   generation
--
-- Returns   1 if it was noted of this generation, else 0
local written = redis.call('HGET', KEYS[1], ARGV[1])
if written and string.match(written, '^%d+') == ARGV[2] then
  return redis.call('HDEL', KEYS[1], ARGV[1])
end
return 0
