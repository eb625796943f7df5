// Verifies an ID and an access token with aws-jwt-verify, against the keys given. Standard input:
// { pool, client, keys, id, access }. Prints the two tokens' subjects.

import { readFileSync } from "node:fs";
import { CognitoJwtVerifier } from "aws-jwt-verify";

const { pool, client, keys, id, access } = JSON.parse(readFileSync(0));

function subject(token, tokenUse) {
  const verifier = CognitoJwtVerifier.create({ userPoolId: pool, clientId: client, tokenUse });
  verifier.cacheJwks(keys);
  return verifier.verifySync(token).sub;
}

console.log(JSON.stringify([subject(id, "id"), subject(access, "access")]));
