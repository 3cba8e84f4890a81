-- Removes an owner's entries from places of one tenant: one bounded step of a scan in each. After
-- clock.lua and last_seen.lua.
--
-- KEYS[1]   the owner's index: hash, place -> number of the owner's members; '' -> last stamp
-- KEYS[2..] the members of each place: hash, connection -> entry
-- ARGV[1]   owner prefix: what each entry of this owner starts with
-- ARGV[2]   entries with this stamp or a higher one stay
-- ARGV[3]   how many entries a step looks at, about
-- ARGV[4]   '1': the owner is gone, a place that has been scanned leaves its index; else '0'
-- ARGV[5]   how many ms it is kept when a user was last seen; '0': not at all
-- then two for each place, in the order of KEYS[2..]:
--           its name, the cursor of its scan ('0' at first)
--
-- Returns   the cursor to go on with, for each place; '0' when its scan is complete
local index = KEYS[1]
local owner = ARGV[1]
local from = tonumber(ARGV[2])
local cursors = {}
for number = 1, #KEYS - 1 do
  local members = KEYS[1 + number]
  local place = ARGV[4 + 2 * number]
  local step = redis.call('HSCAN', members, ARGV[5 + 2 * number], 'COUNT', ARGV[3])
  local removed = 0
  local entries = step[2]
  for at = 1, #entries, 2 do
    local entry = entries[at + 1]
    if string.sub(entry, 1, #owner) == owner then
      local stamp = tonumber(string.match(entry, '^%d+', #owner + 1))
      if stamp < from then
        removed = removed + redis.call('HDEL', members, entries[at])
      end
    end
  end
  if removed > 0 then
    last_seen(members, place, ARGV[5])
  end
  if ARGV[4] == '1' then
    if step[1] == '0' then
      redis.call('HDEL', index, place)
    end
  elseif removed > 0 and redis.call('HINCRBY', index, place, -removed) <= 0 then
    redis.call('HDEL', index, place)
  end
  cursors[number] = step[1]
end
return cursors
