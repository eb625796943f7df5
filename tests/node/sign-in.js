// Signs in (SRP) with amazon-cognito-identity-js. Standard input: { pool, client, endpoint, email,
// password }. Prints what the ID token says of the user.

import { readFileSync } from "node:fs";
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";

const { pool, client, endpoint, email, password } = JSON.parse(readFileSync(0));
const user = new CognitoUser({
  Username: email,
  Pool: new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint }),
});
const session = await new Promise((onSuccess, onFailure) => {
  const details = new AuthenticationDetails({ Username: email, Password: password });
  user.authenticateUser(details, { onSuccess, onFailure });
});
console.log(JSON.stringify(session.getIdToken().payload));
