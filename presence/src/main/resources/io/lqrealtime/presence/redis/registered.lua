-- Tells which owners may have entries in a tenant.
--
-- KEYS[1..] the tenants of each owner: set
-- ARGV[1]   the tenant
--
-- Returns   1 or 0 for each, in the order of KEYS
local answer = {}
for number = 1, #KEYS do
  answer[number] = redis.call('SISMEMBER', KEYS[number], ARGV[1])
end
return answer
