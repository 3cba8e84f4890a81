-- Forgets a tenant of an owner that has been swept, and the owner with its last tenant.
--
-- KEYS[1]   owners: set of 'gateway generation'
-- KEYS[2]   the owner's tenants: set
-- KEYS[3]   written: hash, gateway -> 'generation epoch' of its last view that was written whole
-- ARGV[1]   gateway
-- ARGV[2]   generation
-- ARGV[3]   the tenant; '' for none
--
-- Returns   1 if the owner is forgotten now, 0 if it has tenants left
redis.call('SREM', KEYS[2], ARGV[3])
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end
redis.call('SREM', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
local written = redis.call('HGET', KEYS[3], ARGV[1])
if written and string.match(written, '^%d+') == ARGV[2] then
  redis.call('HDEL', KEYS[3], ARGV[1])
end
return 1
