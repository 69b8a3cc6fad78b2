import { beforeEach, describe, expect, it } from 'vitest'
import type { StoredTemplate, TemplateStore } from '../../functions/core/template.ts'

const WHOLE: StoredTemplate = {
  name: 'code',
  subject: 'Code {otp}',
  fromName: 'Example IT',
  text: '{otp}\n',
  html: '<p>{otp}</p>',
  inline: [{ cid: 'logo', type: 'image/png', base64: 'iVBORw0KGgo=' }],
  savedAt: 1_700_000_000_000,
}

/** What every store of templates must do. */
export function templateSuite(name: string, open: () => Promise<TemplateStore>): void {
  describe(`templates in ${name}`, () => {
    let store: TemplateStore
    beforeEach(async () => {
      store = await open()
    })

    it('are read as they were written', async () => {
      await store.put(WHOLE)
      expect(await store.get('code')).toEqual(WHOLE)
    })

    it('may have a text and nothing else', async () => {
      const bare = { name: 'bare', text: '{otp}\n', inline: [], savedAt: 1 }
      await store.put(bare)
      expect(await store.get('bare')).toEqual(bare)
    })

    it('are replaced whole', async () => {
      await store.put(WHOLE)
      const next = { name: 'code', text: 'new {otp}', inline: [], savedAt: 2 }
      await store.put(next)
      expect(await store.get('code')).toEqual(next)
    })

    it('are not found under another name', async () => {
      await store.put(WHOLE)
      for (const other of ['Code', 'code.de', 'cod']) {
        expect(await store.get(other)).toBeUndefined()
      }
    })

    it('are listed by name, without what is in them', async () => {
      await store.put({ ...WHOLE, name: 'b' })
      await store.put({ name: 'a', text: '{otp}', inline: [], savedAt: 2 })
      expect(await store.list()).toEqual([
        { name: 'a', savedAt: 2 },
        { name: 'b', subject: WHOLE.subject, savedAt: WHOLE.savedAt },
      ])
    })

    it('are removed once', async () => {
      await store.put(WHOLE)
      expect(await store.remove('code')).toBe(true)
      expect(await store.remove('code')).toBe(false)
      expect(await store.get('code')).toBeUndefined()
      expect(await store.list()).toEqual([])
    })
  })
}
