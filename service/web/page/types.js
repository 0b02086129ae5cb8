/**
 * What the API answers with, as service/schemas.py and its routes have it. There is no code here.
 *
 * @typedef {"critical" | "neutral" | "supportive"} Label
 * @typedef {Record<Label, number>} ByLabel
 *
 * @typedef {object} Result
 * @property {Label} label
 * @property {ByLabel} scores
 * @property {Label[]} prediction_set
 * @property {boolean} doubtful
 * @property {number} margin
 * @property {boolean} truncated
 * @property {boolean} unsupported
 *
 * @typedef {Result & {start: number, end: number, text: string}} Sentence
 *
 * @typedef {object} Summary
 * @property {ByLabel} counts
 * @property {ByLabel} shares
 * @property {number} lean
 * @property {[number, number]} lean_interval
 * @property {number} doubtful
 * @property {number} unsupported
 * @property {number} truncated
 *
 * @typedef {{model: string, sentences: Sentence[], summary: Summary}} DocumentAnswer
 *
 * @typedef {{start: number, end: number, text: string, attributions: ByLabel}} Word
 * @typedef {{model: string, result: Result, words: Word[]}} ExplainAnswer
 *
 * @typedef {{id: number, label: Label, annotator: string | null}} Vote
 * @typedef {{majority: Label | null, votes: ByLabel, labels: Vote[]}} Votes
 *
 * @typedef {{value: number, low: number, high: number}} Estimate
 * @typedef {{rows: number, accuracy: Estimate | null}} SliceFigures
 * @typedef {{precision: Estimate | null, recall: Estimate | null, support: number}} LabelFigures
 * @typedef {SliceFigures & {coverage: Estimate, doubtful: Estimate, labels: Record<Label, LabelFigures>}} SetFigures
 * @typedef {{overall: SetFigures, by: Record<string, Record<string, SliceFigures>>}} Measured
 *
 * @typedef {object} Model
 * @property {string} version
 * @property {string} base
 * @property {string[]} languages
 * @property {number} max_length
 * @property {number} coverage
 * @property {Record<string, ByLabel>} trained_on
 * @property {{max_texts: number, max_characters: number, max_document_characters: number}} limits
 * @property {{made?: string, sets: Record<string, Measured>}} metrics
 */

export {};
