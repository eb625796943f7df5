// Verifies an ID and an access token with aws-jwt-verify, against the keys given. Standard input:
// { issuer, client, keys, id, access }. Prints the two tokens' subjects.

import { readFileSync } from "node:fs";
import { JwtRsaVerifier } from "aws-jwt-verify";

const { issuer, client, keys, id, access } = JSON.parse(readFileSync(0));

function subject(token, tokenUse) {
  // An access token names its client in another claim.
  const audience = tokenUse === "id" ? client : null;
  const verifier = JwtRsaVerifier.create({ issuer, audience, jwksUri: `${issuer}/.well-known/jwks.json` });
  verifier.cacheJwks(keys);
  const claims = verifier.verifySync(token);
  if (claims.token_use !== tokenUse || (claims.aud ?? claims.client_id) !== client) {
    throw new Error(`not an ${tokenUse} token of ${client}`);
  }
  return claims.sub;
}

console.log(JSON.stringify([subject(id, "id"), subject(access, "access")]));
