-- Takes or renews a gateway's lease, unless a newer generation holds it.
--
-- KEYS[1]   leases: hash, gateway -> 'generation expiry', the expiry in ms of the server's clock
-- KEYS[2]   marker: string that a flush removes
-- ARGV[1]   gateway
-- ARGV[2]   generation
-- ARGV[3]   time to live in ms
-- ARGV[4]   a fresh token, which becomes the marker where there is none
--
-- Returns   {epoch, generation that holds the lease now, 1 if it held it before, else 0}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[2], ARGV[4], 'NX')
-- pcall: a server whose ACL denies INFO still has the marker.
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or 'unknown'
local epoch = run .. '.' .. redis.call('GET', KEYS[2])

local held = 0
local lease = redis.call('HGET', KEYS[1], ARGV[1])
if lease then
  local generation, expiry = string.match(lease, '^(%d+) (%d+)$')
  if tonumber(expiry) > now then
    if tonumber(generation) > tonumber(ARGV[2]) then
      return {epoch, generation, 1}
    end
    held = generation == ARGV[2] and 1 or 0
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. string.format('%.0f', now + ARGV[3]))
return {epoch, ARGV[2], held}
