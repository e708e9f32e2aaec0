//! `GET /metrics`: what there is and what happened, for Prometheus.

use std::fmt;
use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use http::header::CONTENT_TYPE;
use insula_supervisor::{CordonUsage, QUEUE_BOUNDS_US, Supervisor, TenantUsage, TrustLevel};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::Admin;
use crate::work::blocking;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What lives now and what each tenant did since the server started, in the OpenMetrics text format.
#[utoipa::path(get, path = "/metrics", tag = "server",
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
pub(super) async fn metrics(State(admin): State<Admin>) -> impl IntoResponse {
    let reading = Reading {
        uptime_s: admin.control.started.elapsed().as_secs_f64(),
        supervisor: admin.supervisor,
    };
    // It reads a handful of the kernel's files for each cordon.
    ([(CONTENT_TYPE, OPEN_METRICS)], blocking(|| reading.text()).await)
}

/// One scrape.
struct Reading {
    uptime_s: f64,
    supervisor: Arc<Supervisor>,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reading")
    }
}

/// What the kernel says of a cordon: its name, what it is, whether it only grows, and its value, if it
/// is known.
type PerCordon = (&'static str, &'static str, MetricType, fn(&CordonUsage) -> Option<f64>);

const OF_CORDONS: [PerCordon; 7] = [
    (
        "cordon_resident_bytes",
        "Memory that a cordon holds and shares with no file",
        MetricType::Gauge,
        |usage| usage.resident_bytes.map(|bytes| bytes as f64),
    ),
    (
        "cordon_memory_bytes",
        "Memory that is charged to a cordon's control group",
        MetricType::Gauge,
        |usage| usage.group.memory.map(|bytes| bytes as f64),
    ),
    (
        "cordon_memory_peak_bytes",
        "The most memory that was charged to a cordon's control group",
        MetricType::Gauge,
        |usage| usage.group.memory_peak.map(|bytes| bytes as f64),
    ),
    (
        "cordon_memory_limit_bytes",
        "Memory that may be charged to a cordon's control group",
        MetricType::Gauge,
        |usage| usage.group.memory_limit.map(|bytes| bytes as f64),
    ),
    ("cordon_cpu_seconds", "CPU time of a cordon's control group", MetricType::Counter, |usage| {
        usage.group.cpu.map(|time| time.as_secs_f64())
    }),
    (
        "cordon_threads",
        "Processes and threads in a cordon's control group",
        MetricType::Gauge,
        |usage| usage.group.pids.map(|pids| pids as f64),
    ),
    (
        "cordon_oom_kills",
        "Processes of a cordon's control group that were killed for lack of memory",
        MetricType::Counter,
        |usage| usage.group.oom_kills.map(|kills| kills as f64),
    ),
];

/// A counter or gauge of each tenant: its name, what it is, and its value.
type PerTenant = (&'static str, &'static str, fn(&TenantUsage) -> f64);

const COUNTERS: [PerTenant; 9] = [
    ("tenant_cpu_seconds", "CPU time of requests and starts", |usage| seconds(usage.cpu_us)),
    ("tenant_cold_starts", "Isolates that were started", |usage| usage.starts as f64),
    ("tenant_start_seconds", "Wall time of these starts", |usage| seconds(usage.start_us)),
    ("tenant_failed_starts", "Starts that failed", |usage| usage.failed_starts as f64),
    ("tenant_exceptions", "Exceptions that nothing caught", |usage| usage.exceptions as f64),
    ("tenant_log_lines", "Lines that reached the log", |usage| usage.log_lines as f64),
    ("tenant_subrequests", "Subrequests that were carried out", |usage| usage.subrequests as f64),
    ("tenant_host_cpu_seconds", "CPU time of the server on subrequests", |usage| {
        seconds(usage.host_cpu_us)
    }),
    ("tenant_queue_seconds", "Time that requests waited for an isolate", |usage| {
        seconds(usage.queue_us)
    }),
];

const GAUGES: [PerTenant; 5] = [
    ("tenant_heavy", "Whether it lives apart because it computes much", |usage| {
        f64::from(u8::from(usage.is_heavy))
    }),
    ("tenant_isolates", "Isolates that live", |usage| usage.isolates as f64),
    ("tenant_websockets", "WebSockets of its clients that are open", |usage| usage.sockets as f64),
    ("tenant_memory_bytes", "Memory of its isolates", |usage| usage.memory_bytes as f64),
    ("tenant_memory_peak_bytes", "The most memory that one of its isolates had", |usage| {
        usage.memory_peak_bytes as f64
    }),
];

/// Counters of each tenant that have a label beside it: name, what it is, the label, the values.
type PerLabel = (&'static str, &'static str, &'static str, fn(&TenantUsage) -> Vec<(&str, u64)>);

const LABELLED: [PerLabel; 3] = [
    ("tenant_requests", "Requests that are over, by outcome", "outcome", |usage| {
        let mut outcomes = vec![("ok", usage.succeeded)];
        outcomes.extend(usage.failed.iter().copied());
        outcomes
    }),
    ("tenant_limit_breaches", "Limits that were broken", "limit", |usage| usage.breaches.clone()),
    ("tenant_evictions", "Isolates that were told to go, by reason", "reason", |usage| {
        usage.evictions.clone()
    }),
];

impl Collector for Reading {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.whole(&mut encoder)?;
        self.cordons(&mut encoder)?;
        let tenants = self.supervisor.usages();
        for (name, help, value) in COUNTERS {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            for (tenant, usage) in &tenants {
                let labels = [("tenant", &**tenant)];
                counter(&mut family, &labels, value(usage))?;
            }
        }
        for (name, help, value) in GAUGES {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for (tenant, usage) in &tenants {
                let labels = [("tenant", &**tenant)];
                let metric = family.encode_family(&labels)?;
                ConstGauge::new(value(usage)).encode(metric)?;
            }
        }
        for (name, help, label, values) in LABELLED {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            for (tenant, usage) in &tenants {
                for (value, count) in values(usage) {
                    let labels = [("tenant", &**tenant), (label, value)];
                    counter(&mut family, &labels, count as f64)?;
                }
            }
        }
        let help = "Requests that waited for an isolate, by how long at the most";
        let kind = MetricType::Counter;
        let mut family = encoder.encode_descriptor("tenant_queued_requests", help, None, kind)?;
        for (tenant, usage) in &tenants {
            for (class, count) in usage.queued.iter().enumerate().filter(|(_, count)| **count > 0) {
                let bound = QUEUE_BOUNDS_US.get(class);
                let bound = bound.map_or("+Inf".to_owned(), |us| seconds(*us).to_string());
                let labels = [("tenant", &**tenant), ("seconds", &bound)];
                counter(&mut family, &labels, *count as f64)?;
            }
        }
        Ok(())
    }
}

impl Reading {
    fn text(self) -> String {
        let mut registry = Registry::with_prefix("insula");
        registry.register_collector(Box::new(self));
        let mut text = String::new();
        // Writing to a string cannot fail, and what is written is well-formed.
        let written = encode(&mut text, &registry);
        debug_assert!(written.is_ok(), "{written:?}");
        text
    }

    /// What is not of one tenant.
    fn whole(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let counts = self.supervisor.counts();
        for (name, help, value) in [
            ("uptime_seconds", "Time since the server started", self.uptime_s),
            ("cordons", "Processes that hold isolates", counts.cordons as f64),
            ("isolates", "Isolates that hold a version", counts.isolates as f64),
            ("requests", "Requests in flight", counts.requests as f64),
        ] {
            let family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(value).encode(family)?;
        }
        Ok(())
    }

    /// What is of one cordon. What is not known has no sample: a zero would be untrue.
    fn cordons(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let cordons = self.supervisor.cordon_usages();
        for (name, help, kind, value) in OF_CORDONS {
            let mut family = encoder.encode_descriptor(name, help, None, kind)?;
            for cordon in &cordons {
                let Some(value) = value(cordon) else { continue };
                let level = cordon.level.as_ref().map_or("", TrustLevel::as_str);
                let pid = cordon.pid.to_string();
                let labels = [("pid", &*pid), ("kind", cordon.kind), ("level", level)];
                let metric = family.encode_family(&labels)?;
                match kind {
                    MetricType::Counter => ConstCounter::new(value).encode(metric)?,
                    _ => ConstGauge::new(value).encode(metric)?,
                }
            }
        }
        // What a cordon's own samples cannot tell any more.
        let help = "Cordons that have ended because the kernel killed them for lack of memory";
        let (name, kind) = ("cordons_out_of_memory", MetricType::Counter);
        let family = encoder.encode_descriptor(name, help, None, kind)?;
        match self.supervisor.cordons_out_of_memory() {
            Some(ended) => ConstCounter::new(ended as f64).encode(family),
            None => Ok(()),
        }
    }
}

fn counter(family: &mut MetricEncoder<'_>, labels: &[(&str, &str)], value: f64) -> fmt::Result {
    let metric = family.encode_family(&labels)?;
    ConstCounter::new(value).encode(metric)
}

fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}
