// PhoneNumber: whether a number could be one. Regions are not known here.

function getInfo(number) {
  const digits = textOf(number);
  let count = 0;
  let isPossibleNumber = digits !== "";
  for (let i = 0; i < digits.length; i += 1) {
    const isDigit = textIndex("0123456789", digits[i]) >= 0;
    if (isDigit) count += 1;
    else if (textIndex(" -()", digits[i]) < 0 && !(i === 0 && digits[i] === "+")) isPossibleNumber = false;
  }
  isPossibleNumber = isPossibleNumber && count >= 5 && count <= 15;
  return {
    number: digits,
    isPossibleNumber,
    isValidNumber: isPossibleNumber,
    isValidNumberForRegion: isPossibleNumber,
    region: "",
    location: "",
    numberType: "UNKNOWN",
    error: isPossibleNumber ? "" : "INVALID_NUMBER",
  };
}

world.PhoneNumber = partly("PhoneNumber", { getInfo });
