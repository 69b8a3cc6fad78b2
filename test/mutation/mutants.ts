/** Small faults of the kinds that people make, planted in TypeScript one at a time. */
import { parseAst } from 'rolldown/parseAst'

/** One fault: what stands from `start` to `end` becomes `text`. */
export type Mutant = { start: number; end: number; text: string; line: number }

type Node = { type: string; start: number; end: number } & Record<string, unknown>

const OTHER: Record<string, string> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
}

/** Every fault of a source. What only types say, names and texts are left alone. */
export function mutantsOf(source: string): Mutant[] {
  const mutants: Mutant[] = []
  const text = ({ start, end }: Node) => source.slice(start, end)
  const line = (at: number) => source.slice(0, at).split('\n').length
  const add = ({ start, end }: Pick<Node, 'start' | 'end'>, to: string) =>
    void mutants.push({ start, end, text: to, line: line(start) })

  const operator = (node: Node) => {
    const [left, right] = [node.left as Node, node.right as Node]
    const between = source.slice(left.end, right.start)
    const at = left.end + between.indexOf(String(node.operator))
    const other = OTHER[String(node.operator)]
    if (other === undefined || (node.operator === '+' && isText(left, right))) return
    add({ start: at, end: at + String(node.operator).length }, other)
  }
  const condition = (node: unknown) => {
    if (!node) return
    add(node as Node, 'true')
    add(node as Node, 'false')
  }

  function visit(node: Node): void {
    switch (node.type) {
      case 'BinaryExpression':
      case 'LogicalExpression':
        operator(node)
        break
      case 'UnaryExpression':
        if (node.operator === '!') add(node, text(node.argument as Node))
        break
      case 'Literal':
        if (typeof node.value === 'boolean') add(node, String(!node.value))
        if (typeof node.value === 'number') add(node, `(${text(node)} + 1)`)
        break
      case 'IfStatement':
      case 'ConditionalExpression':
        condition(node.test)
        break
      case 'ExpressionStatement':
        add(node, ';')
        break
      case 'SpreadElement':
        if (text(node).startsWith('...(')) add(node, '...{}')
        break
    }
    for (const child of childrenOf(node)) visit(child)
  }
  visit(parseAst(source, { lang: 'ts' }) as unknown as Node)
  return mutants
}

const isText = (...nodes: Node[]) =>
  nodes.some(
    ({ type, value }) =>
      type === 'TemplateLiteral' || (type === 'Literal' && typeof value === 'string'),
  )

/** What is said of types only is never run. */
const childrenOf = (node: Node): Node[] =>
  Object.values(node)
    .flat()
    .filter((child): child is Node => typeof (child as Node | null)?.type === 'string')
    .filter(({ type }) => !type.startsWith('TS') || /^TS(As|Satisfies|NonNull)/.test(type))
    .filter(({ type }) => !/^(Import|ExportAll)/.test(type))

/** A source with one fault in it. */
export const planted = (source: string, { start, end, text }: Mutant): string =>
  source.slice(0, start) + text + source.slice(end)
