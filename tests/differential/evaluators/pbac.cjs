// Cases of identities beside npm's pbac: lines of JSON in, lines of JSON out. It tells whether a request may pass and not why.
const { createInterface } = require('node:readline')
const PBAC = require(require.resolve('pbac', { paths: [process.argv[2]] }))

// It takes lists only.
const listed = (value) => value === undefined || Array.isArray(value) ? value : [value]
const withLists = (each) => Object.fromEntries(Object.entries({ ...each, Action: listed(each.Action), NotAction: listed(each.NotAction),
    Resource: listed(each.Resource), NotResource: listed(each.NotResource) }).filter(([, value]) => value !== undefined))

function answer(one) {
    const policies = one.identity.map((policy) => ({ ...policy, Statement: policy.Statement.map(withLists) }))
    const pbac = new PBAC(policies, { validateSchema: false, validatePolicies: false })
    // Keys are looked up part by part: `aws:username` is a member of `aws`.
    const context = {}
    for (const [key, value] of Object.entries(one.context)) {
        const [vendor, name] = key.split(':')
        context[vendor] = { ...context[vendor], [name]: value }
    }
    return { decision: pbac.evaluate({ action: one.action, resource: one.resource, context }) ? 'allow' : 'deny' }
}

createInterface({ input: process.stdin }).on('line', (line) => {
    let told
    try { told = answer(JSON.parse(line)) } catch (error) { told = { error: String(error) } }
    process.stdout.write(JSON.stringify(told) + '\n')
})
