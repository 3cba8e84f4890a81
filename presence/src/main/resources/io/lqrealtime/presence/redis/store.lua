-- What the scripts over the gateways' keys begin with: they are put together with this file. After
-- clock.lua.

-- The epoch, and its age in ms. The marker is 'epoch millis run': a flush removes it, and one that
-- another run of the server wrote (a restart that read its data back, a failover) counts no more.
-- 'fresh' becomes the epoch where there is no marker that counts.
local function epoch(marker_key, fresh, now)
  -- pcall: a server whose ACL denies INFO still has the marker.
  local info = redis.pcall('INFO', 'server')
  local run = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or 'unknown'
  local marker = redis.call('GET', marker_key)
  if marker then
    local token, since, by = string.match(marker, '^(%S+) (%d+) (%S+)$')
    if by == run then
      return token, now - since
    end
  end
  redis.call('SET', marker_key, fresh .. ' ' .. string.format('%.0f', now) .. ' ' .. run)
  return fresh, 0
end

-- Adds five for each lease that has not run out, and drops those that have: gateway, generation,
-- expiry, '1' or '0' for whether the gateway's view was written whole in this epoch, and '1' or '0'
-- for whether its backlog concerns the tenant ('' for none in particular).
local function add_leases(answer, leases_key, written_key, current, now, tenant)
  local leases = redis.call('HGETALL', leases_key)
  for at = 1, #leases, 2 do
    local generation, expiry, backlog = string.match(leases[at + 1], '^(%d+) (%d+)(.*)$')
    if tonumber(expiry) > now then
      local written = redis.call('HGET', written_key, leases[at])
      local behind = backlog == ' *'
        or string.find(backlog .. ' ', ' ' .. tenant .. ' ', 1, true) ~= nil
      answer[#answer + 1] = leases[at]
      answer[#answer + 1] = generation
      answer[#answer + 1] = expiry
      answer[#answer + 1] = written == generation .. ' ' .. current and '1' or '0'
      answer[#answer + 1] = behind and '1' or '0'
    else
      redis.call('HDEL', leases_key, leases[at])
    end
  end
  return answer
end
