-- What scripts that take members out begin with: they are put together with this file. After clock.lua.

-- Notes when a user was last seen, if the place is a user's ('!' and its id) and nobody is left in it:
-- the empty field of its members, for so many ms.
local function last_seen(members, place, keep)
  if string.sub(place, 1, 1) == '!' and tonumber(keep) > 0 and redis.call('EXISTS', members) == 0 then
    redis.call('HSET', members, '', string.format('%.0f', server_millis()))
    redis.call('PEXPIRE', members, keep)
  end
end
