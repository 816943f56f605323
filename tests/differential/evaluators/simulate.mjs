// Cases beside npm's @cloud-copilot/iam-simulate: lines of JSON in, lines of JSON out.
import { createInterface } from 'node:readline'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const { runSimulation, anonymousPrincipal } = await import(pathToFileURL(createRequire(process.argv[2] + '/').resolve('@cloud-copilot/iam-simulate')))
const named = (list) => list.map((policy, index) => ({ name: `p${index}`, policy }))

async function answer(one) {
    const simulation = {
        request: {
            principal: one.principal === 'anonymous' ? anonymousPrincipal : one.principal,
            action: one.action,
            resource: { resource: one.resource, accountId: one.owner },
            contextVariables: one.context,
        },
        identityPolicies: named(one.identity ?? []),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
    }
    if (one.resource_policy) simulation.resourcePolicy = one.resource_policy
    if (one.boundary) simulation.permissionBoundaryPolicies = named([one.boundary])
    if (one.session) simulation.sessionPolicy = one.session
    const told = await runSimulation(simulation, {})
    const words = { Allowed: 'allow', ExplicitlyDenied: 'explicit deny', ImplicitlyDenied: 'implicit deny' }
    return words[told.overallResult] ? { decision: words[told.overallResult] } : { error: JSON.stringify(told).slice(0, 500) }
}

for await (const line of createInterface({ input: process.stdin })) {
    const told = await answer(JSON.parse(line)).catch((error) => ({ error: String(error) }))
    process.stdout.write(JSON.stringify(told) + '\n')
}
