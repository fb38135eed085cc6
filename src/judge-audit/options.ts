import { z } from 'zod'
import { choice, integer, number } from '../options.ts'
import { calibrationMethods } from './calibration.ts'
import { controlNames } from './controls.ts'

/** How a judge is audited. The keys carry `audit`, since a run's options are flat. */
export const judgeAuditOptions = z.object({
  auditJudges: z
    .array(z.union([z.string(), z.looseObject({ judge: z.string() })]))
    .default([])
    .describe(
      'further judges to audit on the same cases; with options of their own as chat:llm-model=NAME,base-url=URL',
    ),
  auditHidden: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.2)
    .describe(
      'share of a user’s train interactions that is hidden for the audit; at least one is hidden, and two stay',
    ),
  auditPerUser: integer(1, 1000, 'items')
    .default(10)
    .describe(
      'maximum number of hidden items per user: a long history does not outweigh the others, and prompts stay short',
    ),
  auditUsers: integer(1)
    .optional()
    .describe('users to ask the judge about, drawn at random; all when not given')
    .meta({ unit: 'users' }),
  auditPerHidden: integer(1, 20, 'items').default(1).describe('unobserved items to ask about per hidden one'),
  auditUnobserved: choice(['popularity', 'uniform']).describe(
    'unobserved items of about the popularity of the hidden one, or any',
  ),
  auditControls: z
    .array(z.enum(controlNames as [string]))
    .default([...controlNames])
    .describe('uninformative codes, or the same codes renumbered, to ask the judge with as well'),
  auditRecheck: number(0, 1)
    .default(0.02)
    .describe('share of the audited users to ask about again: the same, in another order, in the other mode'),
  auditBins: integer(2, 100).default(10).describe('bins of the reliability table'),
  calibration: choice(['none', ...calibrationMethods]).describe(
    'with --use weighted: calibrate confidences by an audit, to the chance of a hidden interaction: a step function or a logistic curve',
  ),
})

export type AuditOptions = z.output<typeof judgeAuditOptions>
