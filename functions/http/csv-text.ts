/**
 * A text for a cell, on one line: what a spreadsheet that splits at commas or semicolons would take
 * for the beginning of a formula is preceded by a quote.
 */
export const cellText = (text: string): string =>
  text.replace(/[\r\n\t]+/g, ' ').replace(/(^|[;,"]) *(?=[=+\-@])/g, "$&'")

/** The text between single quotes, with those in it doubled. */
export const doubledQuotes = (text: string): string => text.replaceAll("'", "''")
