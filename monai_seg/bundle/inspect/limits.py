"""What a bundle may weigh. Each is far above what our bundles need, and low enough to be read in memory one by one."""

MEMBERS = 2_000
TOTAL_BYTES = 2**32 - 2
RATIO = 100  # bytes out per byte in; only foreign archives are compressed at all
NAME_LETTERS = 200
FOLDERS_DEEP = 10
JSON_BYTES = 2**20
JSON_DEEP = 32
TEXT_BYTES = 2**20
CODE_BYTES = 2**20
PICTURE_BYTES = 2**25
PICTURE_PIXELS = 50_000_000
PICKLE_BYTES = 2**24
HEADER_BYTES = 2**24  # of a safetensors file
