import fc from 'fast-check'
import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import { escapeText, html, trusted } from '../../src/report/page/html.ts'

describe('html', () => {
  it('escapes what is put in, for text and for quoted attributes', () => {
    const value = `<b title="a" lang='b'>&`
    expect(html`<p title="${value}">${value}</p>`.toString()).toBe(
      '<p title="&lt;b title=&quot;a&quot; lang=&#39;b&#39;&gt;&amp;">&lt;b title=&quot;a&quot; lang=&#39;b&#39;&gt;&amp;</p>',
    )
  })

  it('does not escape templates again, also within lists', () => {
    const items = ['a&b', 'c'].map(text => html`<li>${text}</li>`)
    expect(html`<ul>${items}</ul>`.toString()).toBe('<ul><li>a&amp;b</li><li>c</li></ul>')
  })

  it('shows nothing for undefined, null and false, and shows 0', () => {
    expect(html`[${undefined}${null}${false}${0}]`.toString()).toBe('[0]')
  })

  it('takes only its own values for markup, not what looks like them', () => {
    const forged = JSON.parse('{"markup":"<b>"}')
    forged.toString = () => '<b>'
    expect(html`${forged}`.toString()).toBe('&lt;b&gt;')
    expect(html`${trusted('<b>')}`.toString()).toBe('<b>')
  })

  it('replaces characters that HTML does not allow', () => {
    expect(escapeText('a\u0000b\u001bc\ud800d\te\n')).toBe('a\ufffdb\ufffdc\ufffdd\te\n')
  })

  it('gives back any text through a parser', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>&"\'`=/ abc;#x0!-'), minLength: 1 }), text => {
        const { document } = parseHTML(
          `<!doctype html><html><body>${html`<p title="${text}">${text}</p>`}</body></html>`,
        )
        const [paragraph, ...others] = document.body.children
        expect(others).toEqual([])
        expect(paragraph.children.length).toBe(0)
        expect(paragraph.textContent).toBe(text)
        expect(paragraph.getAttribute('title')).toBe(text)
      }),
    )
  })
})
