import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { studies } from '../../src/research/studies/index.ts'
import { planted } from '../../src/research/studies/planted.ts'

const IMAGES = join(import.meta.dirname, '../../docs/images')
const figures = readdirSync(IMAGES).filter(name => /^study-.*\.svg$/.test(name))

it('figures of studies say to those who cannot see them what the study now says of itself', () => {
  expect(figures.length).toBeGreaterThan(5)
  const labels = figures.map(name => [name, /aria-label="([^"]*)"/.exec(readFileSync(join(IMAGES, name), 'utf8'))?.[1]])
  const nameOf = (file: string) => file.slice('study-'.length, -'.svg'.length)
  const study = (name: string) => (name === 'planted' ? planted : studies.get(name))
  expect(labels).toEqual(figures.map(name => [name, study(nameOf(name)).summary]))
})
