-- Removes an owner's entries from channels of one tenant: one bounded step of a scan in each.
--
-- KEYS[1]   the owner's index: hash, channel -> number of the owner's members; '' -> last stamp
-- KEYS[2..] the members of each channel: hash, connection -> entry
-- ARGV[1]   owner prefix: what each entry of this owner starts with
-- ARGV[2]   entries with this stamp or a higher one stay
-- ARGV[3]   how many entries a step looks at, about
-- ARGV[4]   '1': the owner is gone, a channel that has been scanned leaves its index; else '0'
-- then two for each channel, in the order of KEYS[2..]:
--           its name, the cursor of its scan ('0' at first)
--
-- Returns   the cursor to go on with, for each channel; '0' when its scan is complete
local index = KEYS[1]
local owner = ARGV[1]
local from = tonumber(ARGV[2])
local cursors = {}
for number = 1, #KEYS - 1 do
  local members = KEYS[1 + number]
  local channel = ARGV[3 + 2 * number]
  local step = redis.call('HSCAN', members, ARGV[4 + 2 * number], 'COUNT', ARGV[3])
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
  if ARGV[4] == '1' then
    if step[1] == '0' then
      redis.call('HDEL', index, channel)
    end
  elseif removed > 0 and redis.call('HINCRBY', index, channel, -removed) <= 0 then
    redis.call('HDEL', index, channel)
  end
  cursors[number] = step[1]
end
return cursors
