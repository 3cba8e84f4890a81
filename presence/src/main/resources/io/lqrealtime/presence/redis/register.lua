-- Notes that an owner is going to have entries in a tenant, before it has any: a sweep finds them.
--
-- KEYS[1]   owners: set of 'gateway generation'
-- KEYS[2]   the owner's tenants: set
-- ARGV[1]   the owner, 'gateway generation'
-- ARGV[2]   the tenant
--
-- Returns   1 if it was not noted before, else 0
redis.call('SADD', KEYS[1], ARGV[1])
return redis.call('SADD', KEYS[2], ARGV[2])
