-- Reads all leases and the epoch at one moment; drops leases that have run out. After store.lua.
-- It fails in a store that takes no writes (a full one, a replica): there no lease can be renewed,
-- so that one that has run out says nothing about its gateway.
--
-- KEYS[1]   leases: hash, gateway -> 'generation expiry backlog': see lease_renew
-- KEYS[2]   marker: string that a flush removes
-- KEYS[3]   written: hash, gateway -> 'generation epoch' of its last view that was written whole
-- ARGV[1]   a fresh token, which becomes the epoch where there is none
-- ARGV[2]   the tenant that is asked for, or ''
--
-- Returns   {epoch, its age in ms, and what add_leases adds}
local now = server_millis()
local current, age = epoch(KEYS[2], ARGV[1], now)
redis.call('SET', KEYS[2], redis.call('GET', KEYS[2]))
return add_leases({current, string.format('%.0f', age)}, KEYS[1], KEYS[3], current, now, ARGV[2])
