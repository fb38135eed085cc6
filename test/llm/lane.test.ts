import { describe, expect, it } from 'vitest'
import { Lane } from '../../src/llm/lane.ts'
import { preferenceOf } from '../../src/llm/rendezvous.ts'
import { parseDuration, readReply } from '../../src/llm/replies.ts'

const lane = (most = 64) => new Lane('http://x', most, () => 1)

const succeed = (one: Lane) => {
  one.begin()
  one.succeed()
}

describe('how much is in flight', () => {
  it('grows by one a success until the first overload, then by one a round; halves once for what was sent together', () => {
    const one = lane(100)
    for (let success = 0; success < 12; success++) succeed(one)
    expect(one.limit).toBe(16)
    const together = [one.begin(), one.begin(), one.begin()]
    for (const ticket of together) one.overload(ticket, 0, 0)
    expect(one.limit).toBe(8)
    one.overload(one.begin(), 0, 0)
    expect(one.limit).toBe(4)
    for (let success = 0; success < 4; success++) succeed(one)
    expect(one.limit).toBe(4)
    succeed(one)
    expect(one.limit).toBe(5)
  })

  it('never passes the most, nor falls below one', () => {
    const one = lane(6)
    for (let success = 0; success < 20; success++) succeed(one)
    expect(one.limit).toBe(6)
    for (let times = 0; times < 20; times++) one.overload(one.begin(), 0, 0)
    expect(one.limit).toBe(1)
  })

  it('waits as long as the server asks', () => {
    const one = lane()
    one.overload(one.begin(), 10, 5)
    expect([one.hasRoom(14.9), one.opensAt(14.9), one.hasRoom(15)]).toEqual([false, 15, true])
    expect(one.isDown(12)).toBe(false)
    one.pause(20, 3)
    expect([one.hasRoom(22), one.hasRoom(23)]).toEqual([false, true])
  })
})

describe('the circuit breaker', () => {
  const broken = () => {
    const one = lane()
    for (let failure = 0; failure < 5; failure++) one.fail(one.begin(), 0)
    return one
  }

  it('opens after five failures in a row, and lets one request try after a while', () => {
    const one = broken()
    expect([one.isDown(0.5), one.hasRoom(0.5), one.opensAt(0.5)]).toEqual([true, false, 1])
    expect([one.isDown(1), one.hasRoom(1)]).toEqual([false, true])
    one.begin()
    expect([one.isDown(1), one.hasRoom(1)]).toEqual([true, false])
    one.succeed()
    expect([one.isDown(1), one.hasRoom(1)]).toEqual([false, true])
  })

  it('stays open longer each time that the trial fails, to a limit', () => {
    const one = broken()
    let now = 1
    for (const wait of [2, 4, 8, 16, 30, 30]) {
      one.fail(one.begin(), now)
      expect(one.opensAt(now)).toBe(now + wait)
      now += wait
    }
  })

  it('does not count what was sent before it opened', () => {
    const one = lane()
    const tickets = Array.from({ length: 20 }, () => one.begin())
    for (const ticket of tickets) one.fail(ticket, 0)
    expect(one.opensAt(0)).toBe(1)
  })

  it('four failures, or a success between, open nothing; a refusal is for good', () => {
    const one = lane()
    for (let failure = 0; failure < 4; failure++) one.fail(one.begin(), 0)
    succeed(one)
    for (let failure = 0; failure < 4; failure++) one.fail(one.begin(), 0)
    expect(one.isDown(0)).toBe(false)
    one.begin()
    one.refuse('HTTP 401')
    expect([one.refusal, one.isDown(1e9), one.hasRoom(1e9), one.opensAt(0)]).toEqual([
      'HTTP 401',
      true,
      false,
      undefined,
    ])
  })
})

describe('preferenceOf', () => {
  const urls = ['http://a', 'http://b', 'http://c', 'http://d']
  const keys = Array.from({ length: 2000 }, (_, key) => key)

  it('spreads keys evenly, whatever the order of the servers', () => {
    const counts = urls.map(url => keys.filter(key => preferenceOf(key, urls)[0] === url).length)
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(80)
    for (const key of keys.slice(0, 50)) expect(preferenceOf(key, [...urls].reverse())).toEqual(preferenceOf(key, urls))
  })

  it('moves only the keys of a server that is taken away', () => {
    for (const key of keys) {
      const [first, ...rest] = preferenceOf(key, urls)
      const left = preferenceOf(
        key,
        urls.filter(url => url !== 'http://b'),
      )
      expect(left[0]).toBe(first === 'http://b' ? rest[0] : first)
    }
  })
})

describe('readReply', () => {
  const reply = (status: number, headers: Record<string, string> = {}, body = '{}') =>
    readReply({ status, headers, body })

  it.each<[number, Record<string, string>, string, object]>([
    [429, { 'retry-after': '7' }, '{}', { kind: 'retry', reason: 'rate-limit', pause: 7 }],
    [
      429,
      { 'retry-after': 'Tue, 01 Jan 2030 00:00:30 GMT', date: 'Tue, 01 Jan 2030 00:00:10 GMT' },
      '{}',
      { pause: 20 },
    ],
    [429, { 'x-ratelimit-reset-tokens': '6m0s', 'x-ratelimit-reset-requests': '1s' }, '{}', { pause: 360 }],
    [503, { 'retry-after': '2' }, '{}', { kind: 'retry', reason: 'rate-limit', pause: 2 }],
    [
      503,
      {},
      '{"error":{"message":"Loading model"}}',
      { kind: 'retry', reason: 'unavailable', detail: 'HTTP 503 Loading model' },
    ],
    [500, {}, '<html>', { kind: 'retry', reason: 'server', detail: 'HTTP 500 <html>' }],
    [408, {}, '{}', { kind: 'retry', reason: 'server' }],
    [409, {}, '{}', { kind: 'retry', reason: 'server' }],
    [200, {}, '{"choices": [', { kind: 'retry', reason: 'garbled' }],
    [401, {}, '{"error": {"message": "bad key"}}', { kind: 'fatal', detail: 'HTTP 401 bad key' }],
    [404, {}, '{"error": "no such model"}', { kind: 'fatal', detail: 'HTTP 404 no such model' }],
    [400, {}, '{"message": "This model\'s maximum context length is 8192 tokens"}', { kind: 'overflow' }],
    [400, {}, '{"error": {"code": "context_length_exceeded"}}', { kind: 'overflow' }],
    [400, {}, '{"error": {"message": "the request exceeds the available context size"}}', { kind: 'overflow' }],
    [413, {}, '', { kind: 'overflow' }],
    [429, {}, '{"error": {"code": "insufficient_quota"}}', { kind: 'fatal' }],
    [429, {}, '{"error": {"message": "You exceeded your current quota, please check your plan"}}', { kind: 'fatal' }],
    [
      429,
      {},
      '{"error": {"message": "You exceeded your current quota. Please retry in 23.5s."}}',
      { kind: 'retry', reason: 'rate-limit', pause: 23.5 },
    ],
    [429, {}, '{"error": {"message": "Please try again in 1m2s"}}', { reason: 'rate-limit', pause: 62 }],
    [429, {}, '{"details": [{"retryDelay": "7s"}], "id": "RequestsPerMinute"}', { reason: 'rate-limit', pause: 7 }],
    [429, {}, '{"details": [{"retryDelay": "7s"}], "id": "RequestsPerDay"}', { kind: 'fatal' }],
    [200, {}, '{"error": {"code": 429, "message": "busy"}}', { reason: 'rate-limit', detail: 'HTTP 429 busy' }],
    [200, {}, '{"choices": [{"error": {"message": "gone"}}]}', { reason: 'server', detail: 'HTTP 500 gone' }],
    [200, {}, '{"error": null, "choices": [{"message": {"content": "x"}}]}', { kind: 'completion' }],
    [400, {}, '{"error": {"message": "unknown field"}}', { kind: 'error' }],
    [201, {}, '{"choices": [{"message": {"content": "x"}}]}', { kind: 'completion' }],
    [200, {}, '{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}', { reason: 'rate-limit' }],
    [200, {}, '{"error": {"message": "no", "code": "insufficient_quota"}}', { kind: 'fatal', detail: 'HTTP 429 no' }],
    [200, {}, '{"error": {"message": "no", "type": "invalid_api_key"}}', { kind: 'fatal', detail: 'HTTP 401 no' }],
    [200, {}, '{"object": "error", "message": "maximum context length is 4096 tokens", "code": 400}', { kind: 'overflow' }],
    [200, {}, '{"type": "error", "error": {"type": "overloaded_error"}}', { reason: 'unavailable' }],
    [200, {}, '{"base_resp": {"status_code": 1002, "status_msg": "limit"}, "choices": null}', { reason: 'server', detail: 'HTTP 500 limit' }],
    [200, {}, '{"base_resp": {"status_code": 0}, "choices": [{"message": {"content": "x"}}]}', { kind: 'completion' }],
    [200, {}, '{"success": false, "errors": [{"message": "who?"}]}', { detail: 'HTTP 500 who?' }],
    [200, {}, '<!doctype html><title>Sign\nin</title>', { kind: 'fatal', doubtful: true, detail: 'HTTP 200 with a page of HTML (Sign in), which no API sends' }],
    [502, {}, '<html><title>502 Bad Gateway</title></html>', { reason: 'server', detail: 'HTTP 502 502 Bad Gateway' }],
    [308, { location: 'https://x/v1' }, '', { kind: 'fatal', detail: 'HTTP 308, redirected to https://x/v1: give the address itself' }],
    [500, {}, '{"error": "input length exceeds maximum context length"}', { kind: 'overflow' }],
    [429, {}, '{"error": {"message": "余额不足"}}', { kind: 'fatal' }],
    [400, {}, '{"code": "Arrearage"}', { kind: 'fatal' }],
    [429, {}, '{"error": {"message": "limit: free-models-per-day"}}', { kind: 'fatal' }],
    [429, {}, '{"error": {"message": "Please retry after 26 seconds."}}', { reason: 'rate-limit', pause: 26 }],
    [429, { 'retry-after': '30s' }, '', { reason: 'rate-limit', pause: 30 }],
  ])('HTTP %d %j %s', (status, headers, body, expected) => {
    expect(reply(status, headers, body)).toMatchObject(expected)
  }) // biome-ignore format: one a line

  it('a good reply can ask to wait as well', () => {
    const body = JSON.stringify({ choices: [{ message: { content: 'x' } }] })
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '250ms' }
    expect(reply(200, headers, body)).toMatchObject({ kind: 'completion', pause: 0.25 })
    expect(reply(200, { ...headers, 'x-ratelimit-remaining-requests': '3' }, body)).not.toHaveProperty('pause')
  })

  it('reads durations', () => {
    expect(['1h2m3s', '1.5s', '20ms', '7', '1x', ''].map(parseDuration)).toEqual([
      3723,
      1.5,
      0.02,
      7,
      undefined,
      undefined,
    ])
  })
})
