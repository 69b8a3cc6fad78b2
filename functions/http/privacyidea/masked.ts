export { MASK } from '../../core/masked.ts'
