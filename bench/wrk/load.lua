-- Script for wrk: addresses tenants in turn and prints the figures as one JSON line.
--
--   INSULA_BENCH_PREFIX   what tenants' names begin with (default t)
--   INSULA_BENCH_TENANTS  how many tenants, named t1, t2, ... (default 1)
--   INSULA_BENCH_DOMAIN   what follows the tenant's name in the Host header

local prefix = os.getenv("INSULA_BENCH_PREFIX") or "t"
local tenants = tonumber(os.getenv("INSULA_BENCH_TENANTS") or "1")
local domain = os.getenv("INSULA_BENCH_DOMAIN") or "localhost"

wrk.headers["Host"] = prefix .. "1." .. domain

-- One tenant needs no function, and wrk is faster without: it then sends one prepared text.
if tenants > 1 then
  local prepared = {}
  local next_tenant = 0

  function init(args)
    for tenant = 1, tenants do
      wrk.headers["Host"] = prefix .. tenant .. "." .. domain
      prepared[tenant] = wrk.format("GET", "/")
    end
  end

  function request()
    next_tenant = next_tenant % tenants + 1
    return prepared[next_tenant]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"bad_status":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
