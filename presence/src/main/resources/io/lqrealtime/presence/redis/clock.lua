-- What scripts that need the time begin with: they are put together with this file.

-- The server's clock, in ms.
local function server_millis()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
