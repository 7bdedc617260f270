// node verify.mjs PACKAGE.json [PUBLIC-KEY.pem]: checks an evidence package with nothing but Node. Exit 0 when it is whole.
// Without a key of your own it is checked against the one inside: that shows it was not changed, not who made it.
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'

const [file, keyFile] = process.argv.slice(2)
const { format, journal, order, publicKey, records, signature } = JSON.parse(readFileSync(file, 'utf8'))

const digest = text => createHash('sha256').update(text).digest('hex')
const canonical = value => {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const names = Object.keys(value).sort((one, other) => (one < other ? -1 : 1))
  return `{${names.map(name => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`
}
const fail = what => {
  console.error(`NOT WHOLE: ${what}`)
  process.exit(1)
}

if (format !== 'ordertwin-evidence/1') fail(`unknown format ${format}`)
let last = digest(canonical({ format, order, journal }))
let position = ''
for (const [index, { hash, record }] of records.entries()) {
  last = digest(`${last}\n${canonical(record)}`)
  if (hash !== last) fail(`record ${index + 1} (${record.position}) was changed, or one before it is gone`)
  if (record.position <= position) fail(`record ${index + 1} is out of order`)
  position = record.position
}
const key = createPublicKey(keyFile === undefined ? publicKey : readFileSync(keyFile))
if (!verify(null, Buffer.from(last), key, Buffer.from(signature, 'base64'))) fail('the signature is not of this key')
const whose = keyFile === undefined ? 'the key inside' : keyFile
console.log(`whole: order ${order}, ${records.length} records, journal head ${journal.head}, signed by ${whose}`)
