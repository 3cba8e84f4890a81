-- Takes or renews a gateway's lease, unless a newer generation holds it. After store.lua.
--
-- KEYS[1]   leases: hash, gateway -> 'generation expiry', the expiry in ms of the server's clock, and
--           the backlog: nothing, ' *' for everything, or a space and the name of each tenant
-- KEYS[2]   marker: string that a flush removes
-- KEYS[3]   written: hash, gateway -> 'generation epoch' of its last view that was written whole
-- ARGV[1]   gateway
-- ARGV[2]   generation
-- ARGV[3]   time to live in ms
-- ARGV[4]   a fresh token, which becomes the epoch where there is none
-- ARGV[5]   backlog
--
-- Returns   {generation that holds the lease now, '1' if it held it before else '0',
--           and then what lease_observe returns}
local now = server_millis()
local current, age = epoch(KEYS[2], ARGV[4], now)

local holder = ARGV[2]
local held = '0'
local lease = redis.call('HGET', KEYS[1], ARGV[1])
if lease then
  local generation, expiry = string.match(lease, '^(%d+) (%d+)')
  if tonumber(expiry) > now then
    if tonumber(generation) > tonumber(ARGV[2]) then
      holder = generation
    end
    held = generation == holder and '1' or '0'
  end
end
if holder == ARGV[2] then
  local expiry = string.format('%.0f', now + ARGV[3])
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. expiry .. ARGV[5])
end
local answer = {holder, held, current, string.format('%.0f', age)}
return add_leases(answer, KEYS[1], KEYS[3], current, now, '')
