import { expect, test } from 'vitest'
import { router } from '../../../lib/local/routes.ts'

const KEYS = [
  '$default',
  'ANY /{proxy+}',
  'GET /pets/{proxy+}',
  'GET /pets/dog/{id}',
  'ANY /pets/dog/1',
  'GET /pets/dog/1',
  'POST /validate/check',
]
const match = router(KEYS.map((key) => ({ key, target: key })))

test.each([
  ['GET', '/pets/dog/1', 'GET /pets/dog/1', undefined],
  ['PUT', '/pets/dog/1', 'ANY /pets/dog/1', undefined],
  ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
  ['GET', '/pets/cat/7', 'GET /pets/{proxy+}', { proxy: 'cat/7' }],
  ['POST', '/pets/cat', 'ANY /{proxy+}', { proxy: 'pets/cat' }],
  ['POST', '/validate/check', 'POST /validate/check', undefined],
  ['GET', '/validate/check', 'ANY /{proxy+}', { proxy: 'validate/check' }],
  ['GET', '/', '$default', undefined],
  ['GET', '/pets/dog/a%20b', 'GET /pets/dog/{id}', { id: 'a b' }],
  ['GET', '/pets/dog/%zz', 'GET /pets/dog/{id}', { id: '%zz' }],
])('%s %s goes to %s', (method, path, key, parameters) => {
  expect(match(method, path)).toEqual({ route: { key, target: key }, pathParameters: parameters })
})

test('what no route fits is nowhere', () => {
  const strict = router([{ key: 'GET /a/{id}', target: 1 }])
  expect(strict('GET', '/a')).toBeUndefined()
  expect(strict('GET', '/a/')).toBeUndefined()
  expect(strict('GET', '/a/b/c')).toBeUndefined()
  expect(strict('POST', '/a/b')).toBeUndefined()
})
