#!lua
-- Append a lifter's batch of events, each once for ever. Everything is read and judged before the first write, and the
-- server refuses a script that writes (this first line asks for that) as a whole when it may not write just now.
--
-- What the warnings about an event may need is kept up beside it, so that no append has to read the log for them: the
-- programme followed, and the heaviest set of each exercise in its three newest sessions. A session goes on while a set
-- follows within the gap, nothing ends it, and no set names another session than the set before it did. Whatever
-- rewrites history makes what was kept unknown: its reader then looks into the log (`service.usecases.log.warnings`).
--
-- KEYS   log, ids, head, dirty, lifters, erased
-- ARGV   expected version ('' for any), digest of the default rule set, the lifter's name in sets and its pseudonym, the
--        gap that ends a session (microseconds), '1' if it is only asked what would become of them, '1' if a conflict of
--        one is to keep all from being written; then for each event its id, the event, its SHA-256, another under which
--        it may be there already ('' for none), its seal, the instant it takes effect ('' when it acts on others), '1' if
--        it may pin; what it does ('set', 'ends' a session, 'follows' a programme or 'leaves' one, 'acts' on what is no
--        programme, 'acts!' on what may be one, '' for all else); of a set its exercise, load in kilograms ('' where it
--        proves nothing) and session id, of a programme followed its digest and id, of one left its id ('' for any); '1'
--        if it asks what programme is followed
-- Reply  {'erased'}, {'wrong_expected_version', head} or {'idempotency_conflict', id, version} with nothing written, or
--        {'done', head, 1 if one is late, 1 if newly dirty, then for each event outcome, version,
--        the heaviest set of the exercise in the lighter of its two sessions before this one ('' for no two, '?' where
--        that is not known), and the programme followed before it: its digest, or after '-' the default rule set pinned by then
--        ('?' where it is not known, or was not asked)}
local log, ids, head, dirty, lifters, erased = unpack(KEYS)
local expected, default, lifter, pseudonym, gap, only_asked, all_or_none = unpack(ARGV, 1, 7)

if redis.call('HEXISTS', erased, pseudonym) == 1 then
  return {'erased'}
end

local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
local version = last and tonumber(string.match(last[1], '^(%d+)%-0$')) or 0
if version ~= redis.call('XLEN', log) then
  return redis.error_reply('BROKENLOG the versions of ' .. log .. ' are not 1, 2, 3, ...')
end
local before = version
local known = redis.call('HMGET', head, 'newest', 'default', 'followed', 'session', 'top:' .. (ARGV[16] or ''))
local newest, pinned, followed, session = known[1], known[2], known[3], known[4]
local was_dirty = redis.call('ZSCORE', dirty, lifter)

-- The newest session: its number, '1' while nothing has ended it, the instant and the session id of its newest set; and
-- how often history was rewritten (or restored), before which nothing that was kept holds.
local number, open, rewritten, last_at, last_id = 0, '0', version == 0 and 0 or 1, '0', ''
if session then
  number, open, rewritten, last_at, last_id = string.match(session, '^(%d+) (%d) (%d+) (%-?%d+) (.*)$')
  number, rewritten = tonumber(number), tonumber(rewritten)
end
if version == 0 then
  followed = ''
end
local had_followed = followed
local kept, stored_tops = {}, {[ARGV[16] or ''] = known[5]}

-- Takes a set into its session; the lesser of its exercise's heaviest sets in the two sessions of that before this one.
local function notice(at, exercise, load, session_id)
  if open == '0' or tonumber(at) - tonumber(last_at) >= tonumber(gap) or (session_id ~= '' and session_id ~= last_id) then
    number = number + 1
  end
  open, last_at, last_id = '1', at, session_id
  local top = kept[exercise]
  if not top then
    local stored = stored_tops[exercise]
    if stored == nil then
      stored = redis.call('HGET', head, 'top:' .. exercise)
    end
    top = {}
    if stored then
      local since, of, heaviest, before, earlier = string.match(stored, '^(%d+) (%d+) (%S+) ?(%S*) ?(%S*)$')
      if tonumber(since) == rewritten then
        top.number, top.load, top.before, top.earlier = tonumber(of), heaviest, before, earlier
      end
    end
    kept[exercise] = top
  end
  local before, earlier = top.before or '', top.earlier or ''
  if top.number ~= number then
    before, earlier = top.load or '', before
  end
  if load ~= '' then
    if top.number ~= number then
      top.number, top.load, top.before, top.earlier, top.changed = number, load, before, earlier, true
    elseif tonumber(load) > tonumber(top.load) then
      top.load, top.changed = load, true
    end
  end
  if before == '' or earlier == '' then
    return rewritten == 0 and '' or '?'
  end
  return tonumber(before) < tonumber(earlier) and before or earlier
end

local event_ids = {}
for i = 8, #ARGV, 12 do
  event_ids[#event_ids + 1] = ARGV[i]
end
local logged_at = #event_ids > 0 and redis.call('HMGET', ids, unpack(event_ids)) or {}

local entries, added, late, reply = {}, {}, 0, {}
for i = 8, #ARGV, 12 do
  local id, event, sha256, as_said, seal, effective, may_pin, does, name, load, session_id, asks = unpack(ARGV, i, i + 11)
  local stored = added[id]
  if not stored then
    local at = logged_at[(i + 4) / 12]
    if at then
      local entry = redis.call('XRANGE', log, at .. '-0', at .. '-0')[1]
      if not entry then
        return redis.error_reply('BROKENLOG ' .. ids .. ' names version ' .. at .. ', which is not in ' .. log)
      end
      stored = {version = tonumber(at), sha256 = entry[2][4]}
    end
  end
  if stored then
    local is_same = stored.sha256 == sha256 or stored.sha256 == as_said
    if all_or_none == '1' and not is_same then
      return {'idempotency_conflict', id, stored.version}
    end
    reply[#reply + 1] = is_same and 'already_appended' or 'idempotency_conflict'
    reply[#reply + 1] = stored.version
    reply[#reply + 1] = '?'
    reply[#reply + 1] = '?'
  else
    version = version + 1
    added[id] = {version = version, sha256 = sha256}
    local entry = {string.format('%d', version), id, event, sha256, seal}
    if may_pin == '1' and not pinned then
      pinned = default
      entry[6] = default
    end
    entries[#entries + 1] = entry
    local is_late = false
    if effective ~= '' then
      if newest and tonumber(effective) < tonumber(newest) then
        late, is_late = 1, true
      else
        newest = effective
      end
    end
    reply[#reply + 1] = 'appended'
    reply[#reply + 1] = version
    local top, programme = '?', '?'
    if asks == '1' and not is_late and followed then
      programme = string.match(followed, '^%S+') or '-' .. (pinned or '')
    end
    if does ~= '' and (is_late or effective == '' or string.sub(does, 1, 4) == 'acts') then
      kept, stored_tops, rewritten = {}, {}, rewritten + 1
      if does == 'follows' or does == 'leaves' or does == 'acts!' then
        followed = false
      end
    elseif does == 'set' then
      top = notice(effective, name, load, session_id)
    elseif does ~= '' then
      open = '0'
      if does == 'follows' then
        followed = name
      elseif does == 'leaves' and (name == '' or (followed and string.match(followed, '%S+$') == name)) then
        followed = ''
      end
    end
    reply[#reply + 1] = top
    reply[#reply + 1] = programme
  end
end

-- A retry of what is in the log already succeeds whatever version it expects: its first try has moved the head.
if #entries > 0 and expected ~= '' and tonumber(expected) ~= before then
  return {'wrong_expected_version', before}
end

if only_asked == '1' then
  return {'done', version, late, 0, unpack(reply)}
end

local fields = {'version', version}
if #entries > 0 then
  redis.call('SADD', lifters, lifter)
  local placed = {}
  for _, entry in ipairs(entries) do
    local at = entry[1] .. '-0'
    if entry[6] then
      redis.call('XADD', log, at, 'event', entry[3], 'sha256', entry[4], 'seal', entry[5], 'default', entry[6])
    else
      redis.call('XADD', log, at, 'event', entry[3], 'sha256', entry[4], 'seal', entry[5])
    end
    placed[#placed + 1] = entry[2]
    placed[#placed + 1] = entry[1]
  end
  redis.call('HSET', ids, unpack(placed))
  if newest then
    fields[#fields + 1] = 'newest'
    fields[#fields + 1] = newest
  end
  if pinned then
    fields[#fields + 1] = 'default'
    fields[#fields + 1] = pinned
  end
  fields[#fields + 1] = 'session'
  fields[#fields + 1] = string.format('%d %s %d %s %s', number, open, rewritten, last_at, last_id)
  if followed ~= had_followed or before == 0 then
    if followed then
      fields[#fields + 1] = 'followed'
      fields[#fields + 1] = followed
    else
      redis.call('HDEL', head, 'followed')
    end
  end
  for exercise, top in pairs(kept) do
    if top.changed then
      fields[#fields + 1] = 'top:' .. exercise
      fields[#fields + 1] = string.format('%d %d %s %s %s', rewritten, top.number, top.load, top.before, top.earlier)
    end
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
