"""The commands of the contract, a file for each kind; ``console.cli`` puts them together."""
