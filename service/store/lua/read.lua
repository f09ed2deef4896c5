#!lua flags=no-writes
-- Read a stretch of a log, with the projection before it if asked for. The events come as one string with a line for
-- each (JSON has no raw line feeds), which costs the reader a fraction of a reply of nested entries.
--
-- KEYS   log, and optionally state, and told
-- ARGV   the version to start after (with state: as the projection says), the last version to read ('+': all), a limit
-- Reply  {the projection's fields and values, version of the first event, number of events, events by line,
--         their SHA-256 one after the other, digest of the default rule set and version of the entry that pins it, what
--         was told of the lifter}
local log, state, told = KEYS[1], KEYS[2], KEYS[3]
local after, last, limit = ARGV[1], ARGV[2], ARGV[3]
local projection = {}
if state then
  projection = redis.call('HGETALL', state)
  after = redis.call('HGET', state, 'version') or '0'
end
if last ~= '+' then
  last = last .. '-0'
end
local entries = redis.call('XRANGE', log, '(' .. after .. '-0', last, 'COUNT', limit)
local events, sha256s, default, pinned_by = {}, {}, false, 0
for i, entry in ipairs(entries) do
  local fields = entry[2]
  -- What somebody else wrote here comes out as an entry that no replay can read, instead of breaking this reply.
  local whole = fields[4] and #fields[4] == 32 and not string.find(fields[2], '\n', 1, true)
  events[i], sha256s[i] = whole and fields[2] or '', whole and fields[4] or string.rep('\0', 32)
  if fields[8] then
    default, pinned_by = fields[8], after + i
  end
end
local first = after + 1
if #entries > 0 and entries[#entries][1] ~= string.format('%d-0', after + #entries) then
  return redis.error_reply('BROKENLOG the versions of ' .. log .. ' are not 1, 2, 3, ...')
end
return {projection, first, #entries, table.concat(events, '\n'), table.concat(sha256s), default, pinned_by,
        told and redis.call('HGETALL', told) or {}}
