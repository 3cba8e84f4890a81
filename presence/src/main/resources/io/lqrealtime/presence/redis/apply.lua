-- Applies a batch of joins and leaves of one owner in one tenant. After clock.lua and last_seen.lua.
--
-- KEYS[1]   the owner's index: hash, place -> number of the owner's members; '' -> last stamp
-- KEYS[2..] the members of each place that the batch touches: hash, connection -> entry
-- ARGV[1]   owner prefix: what each entry of this owner starts with
-- ARGV[2]   stamp of the batch
-- ARGV[3]   '1': the owner may start an index here, since its tenant is registered; '0': it may not
-- ARGV[4]   how many ms it is kept when a user was last seen; '0': not at all
-- ARGV[5..] the names of the places, in the order of KEYS[2..]
-- then four for each change:
--           number of its place (1 is KEYS[2]), connection,
--           'j' and the rest of the entry, or 'l' and ''
--
-- Returns   1 applied; 0 overtaken: a higher stamp was here; -1 there is no index, nothing was done
local index = KEYS[1]
local owner = ARGV[1]
local stamp = ARGV[2]
local last = redis.call('HGET', index, '')
if last then
  if tonumber(last) > tonumber(stamp) then
    return 0
  end
elseif ARGV[3] == '0' then
  return -1
end
redis.call('HSET', index, '', stamp)

local places = #KEYS - 1
for at = 5 + places, #ARGV, 4 do
  local number = tonumber(ARGV[at])
  local members = KEYS[1 + number]
  local place = ARGV[4 + number]
  local connection = ARGV[at + 1]
  local before = redis.call('HGET', members, connection)
  local mine = before and string.sub(before, 1, #owner) == owner
  if ARGV[at + 2] == 'j' then
    if not before then
      -- Whoever is there is not somebody last seen; the time to live goes with the field.
      redis.call('HDEL', members, '')
    end
    redis.call('HSET', members, connection, owner .. stamp .. ' ' .. ARGV[at + 3])
    if not mine then
      redis.call('HINCRBY', index, place, 1)
    end
  elseif mine then
    -- Compared before it is deleted: the connection may have come back under another owner.
    redis.call('HDEL', members, connection)
    last_seen(members, place, ARGV[4])
    if redis.call('HINCRBY', index, place, -1) <= 0 then
      redis.call('HDEL', index, place)
    end
  end
end
return 1
