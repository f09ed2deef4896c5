#!lua
-- Append a lifter's batch of events, each once for ever. Everything is read and judged before the first write, and the
-- server refuses a script that writes (this first line asks for that) as a whole when it may not write just now.
--
-- KEYS   log, ids, head, dirty, lifters, erased
-- ARGV   expected version ('' for any), digest of the default rule set, the lifter's name in sets and its pseudonym;
--        then for each event its id, the event, its SHA-256, its seal, the instant it takes effect ('' when it acts on
--        others), '1' if it may pin
-- Reply  {'erased'} or {'wrong_expected_version', head} with nothing written, or
--        {'done', head, 1 if one is late, 1 if newly dirty, outcome, version, outcome, version, ...}
local log, ids, head, dirty, lifters, erased = unpack(KEYS)
local expected, default, lifter, pseudonym = unpack(ARGV, 1, 4)

if redis.call('HEXISTS', erased, pseudonym) == 1 then
  return {'erased'}
end

local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
local version = last and tonumber(string.match(last[1], '^(%d+)%-0$')) or 0
if version ~= redis.call('XLEN', log) then
  return redis.error_reply('BROKENLOG the versions of ' .. log .. ' are not 1, 2, 3, ...')
end
local before = version
local known = redis.call('HMGET', head, 'newest', 'default')
local newest, pinned = known[1], known[2]
local was_dirty = redis.call('ZSCORE', dirty, lifter)

local entries, added, late, reply = {}, {}, 0, {}
for i = 5, #ARGV, 6 do
  local id, event, sha256, seal, effective, may_pin = unpack(ARGV, i, i + 5)
  local stored = added[id]
  if not stored then
    local at = redis.call('HGET', ids, id)
    if at then
      local entry = redis.call('XRANGE', log, at .. '-0', at .. '-0')[1]
      if not entry then
        return redis.error_reply('BROKENLOG ' .. ids .. ' names version ' .. at .. ', which is not in ' .. log)
      end
      stored = {version = tonumber(at), sha256 = entry[2][4]}
    end
  end
  if stored then
    reply[#reply + 1] = stored.sha256 == sha256 and 'already_appended' or 'idempotency_conflict'
    reply[#reply + 1] = stored.version
  else
    version = version + 1
    added[id] = {version = version, sha256 = sha256}
    local entry = {string.format('%d', version), id, event, sha256, seal}
    if may_pin == '1' and not pinned then
      pinned = default
      entry[6] = default
    end
    entries[#entries + 1] = entry
    if effective ~= '' then
      if newest and tonumber(effective) < tonumber(newest) then
        late = 1
      else
        newest = effective
      end
    end
    reply[#reply + 1] = 'appended'
    reply[#reply + 1] = version
  end
end

-- A retry of what is in the log already succeeds whatever version it expects: its first try has moved the head.
if #entries > 0 and expected ~= '' and tonumber(expected) ~= before then
  return {'wrong_expected_version', before}
end

local fields = {'version', version}
if #entries > 0 then
  redis.call('SADD', lifters, lifter)
  for _, entry in ipairs(entries) do
    local at = entry[1] .. '-0'
    if entry[6] then
      redis.call('XADD', log, at, 'event', entry[3], 'sha256', entry[4], 'seal', entry[5], 'default', entry[6])
    else
      redis.call('XADD', log, at, 'event', entry[3], 'sha256', entry[4], 'seal', entry[5])
    end
    redis.call('HSET', ids, entry[2], entry[1])
  end
  if newest then
    fields[#fields + 1] = 'newest'
    fields[#fields + 1] = newest
  end
  if pinned then
    fields[#fields + 1] = 'default'
    fields[#fields + 1] = pinned
  end
  if not was_dirty then
    local now = redis.call('TIME')
    redis.call('ZADD', dirty, 'NX', string.format('%d', now[1] * 1000 + math.floor(now[2] / 1000)), lifter)
  end
end
-- Written also when nothing is new: WAIT counts the replicas that have this connection's last write, so a retry that
-- wrote nothing would be confirmed by replicas that never saw its events.
redis.call('HSET', head, unpack(fields))

return {'done', version, late, (#entries > 0 and not was_dirty) and 1 or 0, unpack(reply)}
