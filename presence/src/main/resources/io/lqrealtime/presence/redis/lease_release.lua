-- Gives a lease up if it is this generation's.
--
-- KEYS[1]   leases: hash, gateway -> 'generation expiry backlog': see lease_renew
-- ARGV[1]   gateway
-- ARGV[2]   generation
--
-- Returns   1 if it was given up, 0 if another generation or nobody holds it
local lease = redis.call('HGET', KEYS[1], ARGV[1])
if lease and string.match(lease, '^%d+') == ARGV[2] then
  return redis.call('HDEL', KEYS[1], ARGV[1])
end
return 0
