// Behind every trigger of a pool: notes what it was asked, and answers by the user's e-mail address.
const claims = { claimsToAddOrOverride: { plan: "gold" }, claimsToSuppress: ["name"] };

const answers = {
  PreSignUp: (event) => {
    event.response.autoConfirmUser = event.request.validationData?.invited === "yes";
  },
  TokenGeneration: (event) => {
    event.response.claimsAndScopeOverrideDetails = {
      idTokenGeneration: claims,
      accessTokenGeneration: { scopesToAdd: ["notes/read"] },
      groupOverrideDetails: { groupsToOverride: ["readers"] },
    };
  },
  CustomMessage: (event) => {
    event.response.emailMessage = `Your code is ${event.request.codeParameter}`;
  },
  UserMigration: (event) => {
    if (event.triggerSource === "UserMigration_Authentication" && event.request.password !== "Old-horse-1") {
      throw new Error("wrong password");
    }
    event.response.userAttributes = { email: event.userName, email_verified: "true", name: "Old" };
    event.response.finalUserStatus = "CONFIRMED";
    event.response.messageAction = "SUPPRESS";
  },
  DefineAuthChallenge: (event) => {
    const last = event.request.session.at(-1);
    event.response.issueTokens = last?.challengeResult === true;
    event.response.failAuthentication = last?.challengeResult === false;
    event.response.challengeName = "CUSTOM_CHALLENGE";
  },
  CreateAuthChallenge: (event) => {
    event.response.publicChallengeParameters = { question: "six by seven" };
    event.response.privateChallengeParameters = { answer: "42" };
  },
  VerifyAuthChallengeResponse: (event) => {
    event.response.answerCorrect = event.request.challengeAnswer === event.request.privateChallengeParameters.answer;
  },
};

export const handler = async (event) => {
  const trigger = event.triggerSource.split("_")[0];
  const email = event.request.userAttributes?.email ?? event.userName;
  console.log(`asked ${event.triggerSource} of ${email}`);
  if (email === `not-${trigger}@example.com`.toLowerCase()) {
    throw new Error("not you");
  }
  answers[trigger]?.(event);
  return event;
};
