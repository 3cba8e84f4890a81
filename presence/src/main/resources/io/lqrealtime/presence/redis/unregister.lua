-- Forgets a tenant of an owner that has been swept, and the owner with its last tenant.
--
-- KEYS[1]   owners: set of 'gateway generation'
-- KEYS[2]   the owner's tenants: set
-- ARGV[1]   the owner, 'gateway generation'
-- ARGV[2]   the tenant; '' for none
--
-- Returns   1 if the owner is forgotten now, 0 if it has tenants left
redis.call('SREM', KEYS[2], ARGV[2])
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end
redis.call('SREM', KEYS[1], ARGV[1])
return 1
