/** What Prometheus reads at /metrics. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type ServerMetrics = ReturnType<typeof createServerMetrics>

const SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5]

/** Labels have few values: routes, never paths or ids. */
export function createServerMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const about = <L extends string>(name: string, help: string, labelNames: readonly L[]) => ({
    ...{ name: `dualtree_${name}`, help, labelNames, registers },
  })
  const counter = <L extends string>(...given: Parameters<typeof about<L>>) => new Counter(about(...given))
  const gauge = <L extends string>(...given: Parameters<typeof about<L>>) => new Gauge(about(...given))
  return {
    registry,
    requests: counter('http_requests_total', 'requests by route and status', ['method', 'route', 'status']),
    seconds: new Histogram({
      ...about('http_request_duration_seconds', 'from the first byte of a request to the answer', ['route']),
      buckets: SECONDS,
    }),
    answers: counter('answers_total', 'answers by what they were made from: user, history or popularity', [
      'call',
      'by',
    ]),
    unknownIds: counter('unknown_ids_total', 'ids in requests that the model does not know, by field', ['field']),
    events: counter('events_total', 'events: accepted, duplicate, refused', ['result']),
    loads: counter('model_loads_total', 'models loaded, and attempts that failed', ['result']),
    model: gauge('model_info', '1 for the model that is served', ['model', 'method', 'fitted_on', 'version']),
    loadedAt: gauge('model_loaded_timestamp_seconds', 'when the model that is served was loaded', []),
  }
}
