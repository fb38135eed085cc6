/** What Prometheus reads at /metrics. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type ServerMetrics = ReturnType<typeof createServerMetrics>

const SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5]

/** Labels have few values: routes, never paths or ids. */
export function createServerMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    requests: new Counter({
      name: 'dualtree_http_requests_total',
      help: 'requests by route and status',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    seconds: new Histogram({
      name: 'dualtree_http_request_duration_seconds',
      help: 'from the first byte of a request to the answer',
      labelNames: ['route'],
      buckets: SECONDS,
      registers,
    }),
    answers: new Counter({
      name: 'dualtree_answers_total',
      help: 'answers by what they were made from: user, history or popularity',
      labelNames: ['call', 'by'],
      registers,
    }),
    unknownIds: new Counter({
      name: 'dualtree_unknown_ids_total',
      help: 'ids in requests that the model does not know, by field',
      labelNames: ['field'],
      registers,
    }),
    events: new Counter({
      name: 'dualtree_events_total',
      help: 'events: accepted, duplicate, refused',
      labelNames: ['result'],
      registers,
    }),
    loads: new Counter({
      name: 'dualtree_model_loads_total',
      help: 'models loaded, and attempts that failed',
      labelNames: ['result'],
      registers,
    }),
    model: new Gauge({
      name: 'dualtree_model_info',
      help: '1 for the model that is served',
      labelNames: ['model', 'method', 'fitted_on', 'version'],
      registers,
    }),
    loadedAt: new Gauge({
      name: 'dualtree_model_loaded_timestamp_seconds',
      help: 'when the model that is served was loaded',
      registers,
    }),
  }
}
