/** Reads synthesized CloudFormation: resources with their references resolved. */

type Json = any
export type Resource = { Type: string; Properties?: Record<string, Json> }
export type Template = {
  Resources?: Record<string, Resource>
  Outputs?: Record<string, { Value: Json; Export?: { Name: Json } }>
}
export type NamedTemplate = { stack: string; template: Template }

export const ACCOUNT = '000000000000'

/** What a resource is known by outside its template. */
export type Identity = {
  /** What `Ref` gives. */
  ref: string
  /** What `Fn::GetAtt` gives. */
  attributes: Record<string, string>
}

/** Names a resource; undefined when references to its type are not offered. */
export type Identify = (
  resource: { id: string; type: string; properties: Record<string, Json> },
  resolve: (value: Json) => Json,
) => Identity

/** A resource and a way to read its properties with every reference resolved. */
export type Found = { id: string; stack: string; identity: Identity; get(property: string): Json }

/** An intrinsic function or a reference the local stack does not understand. */
export class UnresolvedError extends Error {
  constructor(where: string, reason: string) {
    super(`${where}: ${reason}`)
    this.name = 'UnresolvedError'
  }
}

/** The templates of one app. References across stacks go through exports. */
export class Templates {
  #stacks: NamedTemplate[]
  #region: string
  #identify: Identify

  constructor(stacks: NamedTemplate[], region: string, identify: Identify) {
    this.#stacks = stacks
    this.#region = region
    this.#identify = identify
  }

  /** All resources of a type, in the order of the templates. */
  ofType(type: string): Found[] {
    return this.#stacks.flatMap((stack) =>
      Object.entries(stack.template.Resources ?? {})
        .filter(([, resource]) => resource.Type === type)
        .map(([id, resource]) => this.#found(stack, id, resource)),
    )
  }

  #found(stack: NamedTemplate, id: string, resource: Resource): Found {
    const where = `${stack.stack}/${id}`
    return {
      id,
      stack: stack.stack,
      identity: this.#identity(stack, id, where),
      get: (property) => this.#resolve(stack, resource.Properties?.[property], where),
    }
  }

  #identity(stack: NamedTemplate, id: string, where: string): Identity {
    const resource = stack.template.Resources?.[id]
    if (!resource) throw new UnresolvedError(where, `there is no resource ${id}`)
    const { Type: type, Properties: properties = {} } = resource
    return this.#identify({ id, type, properties }, (value) => this.#resolve(stack, value, where))
  }

  #resolve(stack: NamedTemplate, value: Json, where: string): Json {
    const resolve = (inner: Json) => this.#resolve(stack, inner, where)
    if (Array.isArray(value)) return value.map(resolve).filter((one) => one !== undefined)
    if (typeof value !== 'object' || value === null) return value
    const [name = '', ...others] = Object.keys(value)
    if (others.length === 0 && /^(Ref$|Fn::|Condition$)/.test(name)) {
      return this.#intrinsic(stack, name, value[name], where)
    }
    const entries = Object.entries(value).map(([key, inner]) => [key, resolve(inner)])
    return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined))
  }

  #intrinsic(stack: NamedTemplate, name: string, argument: Json, where: string): Json {
    const resolve = (inner: Json) => this.#resolve(stack, inner, where)
    switch (name) {
      case 'Ref':
        return this.#ref(stack, argument, where)
      case 'Fn::GetAtt':
        return this.#attribute(stack, argument, where)
      case 'Fn::Join':
        return resolve(argument[1]).join(argument[0])
      case 'Fn::Select':
        return resolve(argument[1])[Number(resolve(argument[0]))]
      case 'Fn::Split':
        return String(resolve(argument[1])).split(argument[0])
      case 'Fn::Sub':
        return this.#substitute(stack, argument, where)
      case 'Fn::ImportValue':
        return this.#imported(resolve(argument), where)
      default:
        throw new UnresolvedError(where, `${name} is not offered by the local stack`)
    }
  }

  #ref(stack: NamedTemplate, id: string, where: string): Json {
    switch (id) {
      case 'AWS::Region':
        return this.#region
      case 'AWS::AccountId':
        return ACCOUNT
      case 'AWS::Partition':
        return 'aws'
      case 'AWS::URLSuffix':
        return 'amazonaws.com'
      case 'AWS::StackName':
        return stack.stack
      case 'AWS::StackId':
        return `arn:aws:cloudformation:${this.#region}:${ACCOUNT}:stack/${stack.stack}/local`
      case 'AWS::NoValue':
        return undefined
    }
    return this.#identity(stack, id, where).ref
  }

  #attribute(stack: NamedTemplate, argument: string | [string, string], where: string): string {
    const [id = '', name = ''] = typeof argument === 'string' ? split(argument) : argument
    const value = this.#identity(stack, id, where).attributes[name]
    if (value !== undefined) return value
    throw new UnresolvedError(where, `the attribute ${name} of ${id} is not offered locally`)
  }

  #substitute(stack: NamedTemplate, argument: Json, where: string): string {
    const [text, values]: [string, Record<string, Json>] = Array.isArray(argument)
      ? (argument as [string, Record<string, Json>])
      : [argument, {}]
    return text.replace(/\$\{(!?)([^}]+)\}/g, (whole, literal, name: string) => {
      if (literal) return whole.replace('!', '')
      if (name in values) return this.#resolve(stack, values[name], where)
      if (name.includes('.')) return this.#attribute(stack, name, where)
      return this.#ref(stack, name, where)
    })
  }

  #imported(name: string, where: string): Json {
    for (const stack of this.#stacks) {
      for (const [id, output] of Object.entries(stack.template.Outputs ?? {})) {
        const at = `${stack.stack}/${id}`
        if (output.Export && this.#resolve(stack, output.Export.Name, at) === name) {
          return this.#resolve(stack, output.Value, at)
        }
      }
    }
    throw new UnresolvedError(where, `no stack exports ${name}`)
  }
}

function split(path: string): [string, string] {
  const dot = path.indexOf('.')
  return [path.slice(0, dot), path.slice(dot + 1)]
}
