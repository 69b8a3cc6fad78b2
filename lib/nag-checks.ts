import { Validations, type PolicyValidationPluginReport } from 'aws-cdk-lib'
import { AwsSolutionsChecks, type IApplyRule, NagRuleCompliance } from 'cdk-nag'
import type { IConstruct } from 'constructs'

type Finding = { path: string; id: string }

/** The AWS Solutions rules, and one more: an acknowledgement that excuses nothing is a violation. */
export class NagChecks extends AwsSolutionsChecks {
  readonly #findings: Finding[] = []

  override validateScope(scope: IConstruct): PolicyValidationPluginReport {
    this.#findings.length = 0
    const report = super.validateScope(scope)
    const unused = acknowledgements(scope).filter((entry) => !this.#excuses(entry))
    if (unused.length === 0) return report
    const violations = unused.map(({ path, id }) => ({
      ruleName: 'Otpost-UnusedAcknowledgement',
      description: `${id} is acknowledged here but nothing reports it.`,
      severity: 'error',
      violatingResources: [{ constructPath: path, locations: [] }],
    }))
    return { ...report, success: false, violations: [...report.violations, ...violations] }
  }

  protected override applyRule(params: IApplyRule): void {
    super.applyRule(params)
    const rule = `${this.packName}-${params.ruleSuffixOverride ?? params.rule.name}`
    for (const id of findingIds(rule, params)) {
      this.#findings.push({ path: params.node.node.path, id })
    }
  }

  #excuses(acknowledged: Finding): boolean {
    return this.#findings.some(
      ({ path, id }) =>
        id === acknowledged.id &&
        (path === acknowledged.path || path.startsWith(`${acknowledged.path}/`)),
    )
  }
}

/** A rule that throws counts as a finding, as it does for cdk-nag. */
function findingIds(rule: string, params: IApplyRule): string[] {
  try {
    const result = params.rule(params.node)
    if (Array.isArray(result)) return result.map((finding) => `${rule}[${finding}]`)
    return result === NagRuleCompliance.NON_COMPLIANT ? [rule] : []
  } catch {
    return [rule]
  }
}

function acknowledgements(scope: IConstruct): Finding[] {
  return scope.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.keys(data as Record<string, string>))
      .map((id) => id.replace(/^annotation::/i, ''))
      .filter((id) => id.startsWith('AwsSolutions-'))
      .map((id) => ({ path: construct.node.path, id })),
  )
}
