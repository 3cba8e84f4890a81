-- Reads all leases and the epoch at one moment; drops leases that have run out.
--
-- KEYS[1]   leases: hash, gateway -> 'generation expiry', the expiry in ms of the server's clock
-- KEYS[2]   marker: string that a flush removes
-- ARGV[1]   a fresh token, which becomes the marker where there is none
--
-- Returns   {epoch, gateway, generation, gateway, generation, ...}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[2], ARGV[1], 'NX')
-- pcall: a server whose ACL denies INFO still has the marker.
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or 'unknown'

local answer = {run .. '.' .. redis.call('GET', KEYS[2])}
local leases = redis.call('HGETALL', KEYS[1])
for at = 1, #leases, 2 do
  local generation, expiry = string.match(leases[at + 1], '^(%d+) (%d+)$')
  if tonumber(expiry) > now then
    answer[#answer + 1] = leases[at]
    answer[#answer + 1] = generation
  else
    redis.call('HDEL', KEYS[1], leases[at])
  end
end
return answer
