#!lua flags=no-writes
-- Read a stretch of a log as it lies there, together with what else the server knows of its end at that moment.
--
-- KEYS   log, head
-- ARGV   the entry id to start after, a limit
-- Reply  {the fields and values of head, id of the last entry ever added, number of entries, their ids by space,
--         their events by line, their SHA-256 and their seals one after the other, id of an entry that pins a default
--         rule set, its digest, id, digest, ...}; what Spotter cannot have written comes out as an empty event
local log, head = KEYS[1], KEYS[2]
local after, limit = ARGV[1], ARGV[2]
local newest = '0-0'
if redis.call('EXISTS', log) == 1 then
  local info = redis.call('XINFO', 'STREAM', log)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then
      newest = info[i + 1]
    end
  end
end
local entries = redis.call('XRANGE', log, '(' .. after, '+', 'COUNT', limit)
local ids, events, sha256s, seals, pins = {}, {}, {}, {}, {}
for i, entry in ipairs(entries) do
  local fields = entry[2]
  local whole = (#fields == 6 or (#fields == 8 and fields[7] == 'default'))
    and fields[1] == 'event' and not string.find(fields[2], '\n', 1, true)
    and fields[3] == 'sha256' and #fields[4] == 32 and fields[5] == 'seal' and #fields[6] == 16
  ids[i] = entry[1]
  events[i] = whole and fields[2] or ''
  sha256s[i] = whole and fields[4] or string.rep('\0', 32)
  seals[i] = whole and fields[6] or string.rep('\0', 16)
  if whole and fields[8] then
    pins[#pins + 1] = entry[1]
    pins[#pins + 1] = fields[8]
  end
end
return {redis.call('HGETALL', head), newest, #entries, table.concat(ids, ' '), table.concat(events, '\n'),
        table.concat(sha256s), table.concat(seals), unpack(pins)}
