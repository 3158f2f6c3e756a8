#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace usher::bench {

// Durations, counted in buckets that are 1/64 wide of what they hold, from a nanosecond to hours.
class Latencies {
 public:
  void Add(std::chrono::nanoseconds duration) {
    const auto value = static_cast<uint64_t>(duration.count() > 0 ? duration.count() : 0);
    ++buckets_[BucketOf(value)];
    ++count_;
  }

  int64_t count() const { return count_; }

  // In nanoseconds; 0 when nothing was added.
  double Quantile(double q) const {
    const double wanted = q * static_cast<double>(count_);
    double seen = 0;
    for (size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
      seen += static_cast<double>(buckets_[bucket]);
      if (seen >= wanted && seen > 0) return LowestOf(bucket);
    }
    return 0;
  }

 private:
  static constexpr int kBits = 6;

  static size_t BucketOf(uint64_t value) {
    const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kBits - 1);
    return (static_cast<size_t>(shift) << kBits) + static_cast<size_t>(value >> shift);
  }
  static double LowestOf(size_t bucket) {
    const size_t shift = bucket < (size_t{2} << kBits) ? 0 : (bucket >> kBits) - 1;
    return static_cast<double>(bucket - (shift << kBits)) *
           static_cast<double>(uint64_t{1} << shift);
  }

  std::array<int64_t, (size_t{64} << kBits)> buckets_{};
  int64_t count_ = 0;
};

}  // namespace usher::bench
