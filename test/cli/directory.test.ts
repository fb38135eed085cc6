import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { defaultDirectory } from '../../src/cli/shared/session.ts'
import { QUICK, runCli, runHere } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { copyQuickRun } from '../support/quick-run.ts'

const directory = sharedDirectory()
let input: string
const out = join(directory, 'run')

beforeAll(async () => {
  input = await copyQuickRun(out)
})

describe('a run directory', () => {
  it('is never one that holds other files: nothing of the user is touched', async () => {
    const project = join(directory, 'project')
    mkdirSync(join(project, 'data'), { recursive: true })
    writeFileSync(join(project, 'data', 'precious.txt'), 'u1 i1\n')
    const { code, stderr } = await runHere(['run', input, '--out', project, ...QUICK])
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(
        /^error: \S+project holds other files \(data\) and is not a run directory: choose a new or empty --out\n$/,
      ),
    })
    expect(readFileSync(join(project, 'data', 'precious.txt'), 'utf8')).toBe('u1 i1\n')
  })

  it('keeps its good data when a later command fails', async () => {
    const failed = await runHere(['data', out, '--k-core', '500'])
    expect(failed.code).toBe(3)
    expect(readdirSync(out)).not.toContain('data.partial')
    expect((await runHere(['recommend', out, '--user', 'u7', '--k', '1'])).code).toBe(0)
  })

  it('is no data: its log is not read as interactions, but the split that it keeps can be', async () => {
    const { code, stderr } = await runHere(['data', out, '--out', join(directory, 'again')])
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining(
        `error: ${out}: a run directory, no data: go on with it by "dualtree evaluate ${out}"; for another run give its data, or what it has read and split, ${join(out, 'data')}`,
      ),
    ])
    expect((await runHere(['data', join(out, 'data'), '--out', join(directory, 'again')])).code).toBe(0)
  })

  it('that was empty is empty again after bad data', async () => {
    const empty = join(directory, 'empty')
    mkdirSync(empty)
    writeFileSync(join(directory, 'bad.csv'), 'user_id,thing\n1,2\n')
    expect((await runHere(['run', join(directory, 'bad.csv'), '--out', empty])).code).toBe(3)
    expect((await runHere(['run', join(directory, 'bad.csv'), '--out', join(directory, 'new', 'deep')])).code).toBe(3)
    expect(existsSync(join(directory, 'new'))).toBe(false)
    expect(existsSync(empty) ? readdirSync(empty) : []).toEqual([])
  })

  it('is for one process at a time, and a lock of a dead process is taken over', async () => {
    writeFileSync(join(out, 'lock.json'), JSON.stringify({ pid: process.pid, host: hostname() }))
    const busy = await runCli(['data', out])
    expect(busy).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(
        `is in use by process ${process.pid} on ${hostname()}: wait for it, or choose another --out`,
      ),
    })
    writeFileSync(join(out, 'lock.json'), JSON.stringify({ pid: 2 ** 22 - 7, host: hostname() }))
    expect((await runHere(['data', out])).code).toBe(0)
    expect(existsSync(join(out, 'lock.json'))).toBe(false)
    // the number of a killed process, which another has now
    writeFileSync(join(out, 'lock.json'), JSON.stringify({ pid: process.pid, host: hostname(), started: '1' }))
    expect((await runHere(['data', out])).code).toBe(0)
  })

  it('with a lock that cannot be read is refused with what to do', async () => {
    for (const [content, why] of [
      ['{}', 'it does not name a process and its machine'],
      [`{"pid":0,"host":"${hostname()}"}`, 'it does not name a process and its machine'],
      ['{"pid":-1,"host":"x"}', 'it does not name a process and its machine'],
      ['half a lo', 'it is not JSON'],
    ]) {
      writeFileSync(join(out, 'lock.json'), content)
      const { code, stderr } = await runHere(['data', out])
      expect({ code, stderr }).toEqual({
        code: 3,
        stderr: `error: ${join(out, 'lock.json')} cannot be read as a lock (${why}): if no dualtree is at work here, delete it\n`,
      })
      rmSync(join(out, 'lock.json'))
    }
    mkdirSync(join(out, 'lock.json'))
    const { code, stderr } = await runHere(['evaluate', out])
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/cannot be read as a lock \(EISDIR/) })
    rmSync(join(out, 'lock.json'), { recursive: true })
  })

  it('resumes after a stop while it reads, and when its options are gone', async () => {
    const stopped = join(directory, 'stopped')
    mkdirSync(join(stopped, 'data.partial'), { recursive: true })
    writeFileSync(join(stopped, 'events.jsonl'), '')
    const train = () => runHere(['train', input, '--out', stopped, '--model', 'mf', '--epochs', '2'])
    expect((await train()).code).toBe(0)
    const model = readFileSync(join(stopped, 'train-base', 'model.safetensors'))
    rmSync(join(stopped, 'options.json'))
    expect((await train()).code).toBe(0)
    expect(readFileSync(join(stopped, 'train-base', 'model.safetensors')).equals(model)).toBe(true)
  })

  it('goes on without its source, which is said, and takes no other for it', async () => {
    const source = join(directory, 'clicks.csv')
    const rows = Array.from({ length: 60 }, (_, row) => `u${row % 6},i${(row + Math.floor(row / 6)) % 10}`)
    writeFileSync(source, `user,item\n${rows.join('\n')}\n`)
    const kept = join(directory, 'kept')
    expect((await runHere(['data', source, '--out', kept])).code).toBe(0)
    // another source, first one that is not there and then one that is no data
    const missing = await runHere(['data', join(directory, 'clickz.csv'), '--out', kept])
    expect(missing).toMatchObject({ code: 3, stderr: expect.stringContaining('clickz.csv: there is no such file') })
    writeFileSync(join(directory, 'clickz.csv'), '\n')
    expect((await runHere(['data', join(directory, 'clickz.csv'), '--out', kept])).code).toBe(3)
    rmSync(source)
    const { code, stderr } = await runHere(['data', kept])
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(`${source} is not there any more: what was read from it is used.`) }) // biome-ignore format: one line
  })

  it('with damaged options is refused in one line by every command, and made whole by a new run', async () => {
    const path = join(out, 'options.json')
    const whole = readFileSync(path, 'utf8')
    const remedy = `: start the run again with "dualtree run DATA --out ${out}"\n`
    const commands = [
      ['evaluate', out],
      ['recommend', out, '--user', 'u7'],
      ['compare', out],
      ['judge', 'plan', out],
    ]
    for (const [damage, reason] of [
      [whole.slice(0, 40), /^error: cannot read \S+options\.json \(.*JSON.*\)/],
      ['null', /^error: cannot read \S+options\.json \(it has no "source"\)/],
      ['{"source":"x","given":{}}', /^error: cannot read \S+options\.json \(it has no "plan"\)/],
    ] as const) {
      writeFileSync(path, damage)
      for (const command of commands) {
        const { code, stderr } = await runHere(command)
        expect({ code, stderr }, `${command}`).toEqual({ code: 3, stderr: expect.stringMatching(reason) })
        expect(stderr.endsWith(remedy) && stderr.indexOf('\n') === stderr.length - 1).toBe(true)
      }
    }
    expect((await runHere(['run', input, '--out', out, ...QUICK])).code).toBe(0)
    expect(readFileSync(path, 'utf8')).toBe(whole)
  })

  it('with damaged metrics is refused in one line by those that read them', async () => {
    const path = join(out, 'metrics.json')
    writeFileSync(path, '{"rows": [')
    const { code, stderr } = await runHere(['compare', out])
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(
        /^error: cannot read \S+metrics\.json \(.*JSON.*\): run "dualtree evaluate \S+run"\n$/,
      ),
    })
    expect((await runHere(['evaluate', out])).code).toBe(0)
  })

  it('with lists of another stage is refused by those that read them, and made whole by evaluate', async () => {
    const { rows } = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'))
    const path = join(out, rows.at(-1).evaluation, 'lists.parquet')
    const whole = readFileSync(path)
    // a table with the same columns: what it says would be taken for lists
    writeFileSync(path, readFileSync(join(out, 'candidates', 'candidates.parquet')))
    const { code, stderr } = await runHere(['compare', out, '--quiet'])
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(
        /^error: \S+lists\.parquet is damaged or missing: run "dualtree evaluate \S+run"\n$/,
      ),
    })
    expect((await runHere(['evaluate', out])).code).toBe(0)
    expect(readFileSync(path).equals(whole)).toBe(true)
  })

  it('heals a manifest that is damaged: the stage is made again, with the same bytes', async () => {
    const path = join(out, 'trees', 'manifest.json')
    const codes = readFileSync(join(out, 'trees', 'codes.parquet'))
    for (const damage of ['', '[]', '{"key":1}', readFileSync(path, 'utf8').slice(0, 40)]) {
      writeFileSync(path, damage)
      expect((await runHere(['trees', out])).code).toBe(0)
      expect(readFileSync(join(out, 'trees', 'codes.parquet')).equals(codes)).toBe(true)
      expect(JSON.parse(readFileSync(path, 'utf8')).stage).toBe('trees')
    }
  })

  it('whose path is too long is refused, and leaves nothing of it', async () => {
    const path = join(directory, 'a', 'b'.repeat(300))
    const { code, stderr } = await runHere(['run', input, '--out', path, ...QUICK])
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/…: the path is too long for this file system: choose a shorter --out\n$/),
    })
    expect(existsSync(join(directory, 'a'))).toBe(false)
  })

  it('of a finished run is not replaced by one with other options or data, unless that is wanted', async () => {
    const kept = join(directory, 'kept')
    await copyQuickRun(kept)
    const model = readFileSync(join(kept, 'train-base', 'model.safetensors'))
    const again = await runHere(['run', input, '--out', kept, ...QUICK])
    expect(again.code).toBe(0)
    const other = await runHere(['run', input, '--out', kept, ...QUICK, '--regularization', '0.5'])
    expect(other).toMatchObject({
      code: 2,
      stderr: `error: ${kept} holds a finished run that differs in --regularization (the default, now 0.5): give a new --out, or --force to replace it\n`,
    })
    expect(readFileSync(join(kept, 'train-base', 'model.safetensors')).equals(model)).toBe(true)
    const forced = await runHere(['run', input, '--out', kept, ...QUICK, '--regularization', '0.5', '--force'])
    expect(forced.code).toBe(0)
    expect(readFileSync(join(kept, 'train-base', 'model.safetensors')).equals(model)).toBe(false)
  })

  it('has a name of its own by default when the data of another path has the same', async () => {
    const [one, two] = ['one', 'two'].map(name => join(directory, name, 'clicks.csv'))
    for (const path of [one, two]) {
      mkdirSync(join(path, '..'))
      writeFileSync(path, 'user_id,item_id\n1,2\n')
    }
    const before = process.cwd()
    process.chdir(directory)
    try {
      expect(defaultDirectory(one)).toBe('runs/clicks')
      mkdirSync(join(directory, 'runs', 'clicks'), { recursive: true })
      writeFileSync(join(directory, 'runs', 'clicks', 'options.json'), JSON.stringify({ source: one }))
      expect(defaultDirectory(one)).toBe('runs/clicks')
      expect(defaultDirectory('one/clicks.csv')).toBe('runs/clicks')
      expect(defaultDirectory(two)).toMatch(/^runs\/clicks-[0-9a-f]{6}$/)
    } finally {
      process.chdir(before)
    }
  })

  it('serves no model of other data or options', async () => {
    const stale = join(directory, 'stale')
    await copyQuickRun(stale)
    await runHere(['train', stale, '--dimensions', '12'])
    const { code, stderr } = await runHere(['recommend', stale, '--user', 'u7', '--method', 'dtl-ns'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(
        'was trained on other data or with other options than the run has now: run "dualtree evaluate',
      ),
    })
  })

  it('in a place that takes no files is refused at once, in one line', async () => {
    for (const place of ['/proc/x', '/proc/1/x/y', '/dev/null/x']) {
      const { code, stderr } = await runHere(['run', input, '--out', place, ...QUICK])
      expect({ place, code, stderr }).toEqual({
        place,
        code: 3,
        stderr: expect.stringMatching(/^error: cannot write [^\n]+ choose another --out\n$/),
      })
    }
    expect((await runHere(['run', input, '--out', ''])).code).toBe(2)
    const written = await runHere(['recommend', out, '--all', '--out', '/proc/x/recs.parquet'])
    expect({ code: written.code, stderr: written.stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/^error: cannot write [^\n]+ choose another --out\n$/),
    })
    expect((await runHere(['recommend', out, '--all', '--out', join(directory, 'r.csv')])).code).toBe(2)
  })
})
