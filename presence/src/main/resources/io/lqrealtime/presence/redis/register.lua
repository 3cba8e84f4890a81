-- Notes that an owner is going to have entries in tenants, before it has any: a sweep finds them.
--
-- KEYS[1]   owners: set of 'gateway generation'
-- KEYS[2]   the owner's tenants: set
-- ARGV[1]   the owner, 'gateway generation'
-- ARGV[2..] the tenants
--
-- Returns   how many of them were not noted before
redis.call('SADD', KEYS[1], ARGV[1])
return redis.call('SADD', KEYS[2], unpack(ARGV, 2))
